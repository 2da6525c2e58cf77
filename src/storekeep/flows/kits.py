"""Kits in carts and on shelves: taken apart before they are priced, held and ordered, so that every unit is goods.

An order keeps what its kits consisted of when it was placed (`order_kit` and the lines that name it).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import func, select

from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict
from storekeep.shop.catalog import kits
from storekeep.shop.catalog.kits import KnownPart, Part
from storekeep.shop.catalog.store import variants_by_id
from storekeep.shop.inventory.tables import availability, stock_balance
from storekeep.shop.orders.carts import CartLine
from storekeep.shop.orders.requirements import charged_price

Parts = Mapping[str, Sequence[KnownPart]]


def change(tx: Tx, kit_id: str, parts: Sequence[Part]) -> None:
    """`catalog.kits.set_parts`, and `Conflict` while goods of the variant itself are in the house or promised."""
    known = variants_by_id(tx, [kit_id], lock=True)[kit_id]
    if parts and not known.is_kit:
        b, a = stock_balance.c, availability.c
        units = tx.scalar(select(func.sum(b.qty)).where(b.variant_id == kit_id, b.is_owned, b.qty > 0))
        if units or tx.scalar(select(a.reserved).where(a.variant_id == kit_id, a.reserved > 0).limit(1)):
            raise Conflict(f"{int(units or 0)} of {known.sku} are in the house; a kit has no goods of its own")
    kits.set_parts(tx, kit_id, parts)


def parts_in(tx: Tx, lines: Iterable[CartLine]) -> Parts:
    """What the kits among these lines consist of; asks nothing where there is none."""
    return kits.parts_of(tx, [line.variant_id for line in lines if line.is_kit])


def taken_apart(lines: Sequence[CartLine], parts: Parts, now: Instant) -> tuple[CartLine, ...]:
    """The lines with every kit replaced by its parts, at their shares of its price. Pure.

    A part's line has the id of the kit's line with a number behind it, and names the kit's line in `of_line`.
    """
    if not parts:
        return tuple(lines)
    found: list[CartLine] = []
    for line in lines:
        own = parts.get(line.variant_id, ())
        found += _apart(line, own, charged_price(line, now)) if own else [line]
    return tuple(found)


def _apart(line: CartLine, parts: Sequence[KnownPart], price_minor: int) -> list[CartLine]:
    pieces = [
        (part, units, each)
        for part, shares in zip(parts, kits.shares(price_minor, parts), strict=True)
        for units, each in shares
    ]
    return [
        replace(
            line, id=f"{line.id}.{n}", variant_id=part.variant_id, qty=line.qty * units, unit_price_minor=each,
            current_price_minor=each, sku=part.sku, title=part.title, option_label=part.option_label, slug=part.slug,
            tax_class=part.tax_class, weight_g=part.weight_g, is_kit=False, of_line=line.id,
        )
        for n, (part, units, each) in enumerate(pieces, 1)
    ]  # fmt: skip
