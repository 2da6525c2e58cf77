"""Where arriving goods should go: to the bin that has most of them, else to an empty one early on the walk."""

from collections.abc import Sequence

from sqlalchemy import exists, select

from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.shop.inventory.model import Location
from storekeep.shop.inventory.tables import location, stock_balance


def suggest(tx: Tx, warehouse_id: str, variant_ids: Sequence[str]) -> dict[str, Location]:
    """variant -> a bin that is sold from: where most of it stands, else an empty one, another for each variant.

    A variant is missing when no bin is empty. Only reads: two people may be sent to the same empty bin.
    """
    b, at = stock_balance.c, location.c
    usable = (at.warehouse_id == warehouse_id, at.kind == "bin", at.is_sellable, at.status == "active")
    held = (
        select(b.variant_id, location)
        .join_from(stock_balance, location, at.id == b.location_id)
        .where(among(b.variant_id, set(variant_ids)), b.qty > 0, *usable)
        .order_by(b.variant_id, b.qty.desc(), at.walk_sequence, at.code)
    )
    found: dict[str, Location] = {}
    for row in tx.rows(held):
        facts = dict(row._mapping)
        found.setdefault(facts.pop("variant_id"), Location(**facts))
    homeless = [each for each in dict.fromkeys(variant_ids) if each not in found]
    if homeless:
        filled = exists().where(b.location_id == at.id, b.qty > 0)
        empty = select(location).where(*usable, ~filled).order_by(at.walk_sequence, at.code).limit(len(homeless))
        found |= {each: Location(**row._mapping) for each, row in zip(homeless, tx.rows(empty), strict=False)}
    return found
