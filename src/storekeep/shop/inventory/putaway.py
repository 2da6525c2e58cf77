"""Where arriving goods should go: to the bin that has most of them or had them last, else to the emptiest one."""

from collections.abc import Sequence

from sqlalchemy import func, select

from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.shop.inventory.model import Location
from storekeep.shop.inventory.tables import location, stock_balance


def suggest(tx: Tx, warehouse_id: str, variant_ids: Sequence[str]) -> dict[str, Location]:
    """variant -> a bin that is sold from: where most of it stands or stood last, else one of its own with few units.

    Empty bins early on the walk come first. A variant is missing only when there are fewer bins than homeless variants.
    Only reads: two people may be sent to the same bin.
    """
    b, at = stock_balance.c, location.c
    usable = (at.warehouse_id == warehouse_id, at.kind == "bin", at.is_sellable, at.status == "active")
    held = (
        select(b.variant_id, location)
        .join_from(stock_balance, location, at.id == b.location_id)
        .where(among(b.variant_id, set(variant_ids)), *usable)
        .order_by(b.variant_id, b.qty.desc(), b.last_seq.desc(), at.walk_sequence, at.code)
    )
    found: dict[str, Location] = {}
    for row in tx.rows(held):
        facts = dict(row._mapping)
        found.setdefault(facts.pop("variant_id"), Location(**facts))
    homeless = [each for each in dict.fromkeys(variant_ids) if each not in found]
    if homeless:
        units = select(func.coalesce(func.sum(b.qty), 0)).where(b.location_id == at.id).scalar_subquery()
        roomy = select(location).where(*usable).order_by(units, at.walk_sequence, at.code).limit(len(homeless))
        found |= {each: Location(**row._mapping) for each, row in zip(homeless, tx.rows(roomy), strict=False)}
    return found
