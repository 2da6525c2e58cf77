"""Revenue at hand-over: each sent unit's share of its line, and the delivery with the first parcel of an order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.shop.fulfillment.model import WorkLine
from storekeep.shop.orders import shares, tables
from storekeep.shop.orders import store as orders
from storekeep.shop.orders.shares import Share
from storekeep.shop.payments import ledger, recipes
from storekeep.shop.payments.accounts import DEPOSITS
from storekeep.shop.payments.tables import posting


@dataclass(frozen=True, slots=True)
class Sale:
    """A fulfillment that leaves: its order's row and its packed lines."""

    fulfillment_id: str
    order: Any
    lines: tuple[WorkLine, ...]


def book(tx: Tx, sales: Sequence[Sale]) -> None:
    """Post revenue, discount, delivery and tax of what leaves, and count the units as fulfilled.

    Shares are differences of `shares.upto`, so that all parcels of an order add up to the order exactly. Deposits are
    used first; what they do not cover is owed by the customer.
    """
    if not sales:
        return
    ids = sorted({sale.order.id for sale in sales})
    fulfilled: dict[str, int] = {}
    begun: set[str] = set()
    for line in orders.lines_of(tx, ids):
        fulfilled[line.id] = line.fulfilled
        if line.fulfilled:
            begun.add(line.order_id)
    goods, delivery = _parts(tx, ids)
    held = _deposits(tx, ids)
    drafts: list[ledger.EntryDraft | None] = []
    sent: dict[str, int] = {}
    for sale in sales:
        taken = []
        for line in sale.lines:
            start = fulfilled[line.order_line_id]
            fulfilled[line.order_line_id] = start + line.packed
            sent[line.order_line_id] = sent.get(line.order_line_id, 0) + line.packed
            taken.append(shares.between(goods[line.order_line_id], start, start + line.packed))
        first = [] if sale.order.id in begun else delivery.get(sale.order.id, [])
        begun.add(sale.order.id)
        drafts.append(_entry(sale, taken, first, held))
    ledger.post(tx, drafts)
    orders.count_units(tx, "fulfilled", sent)


def _entry(
    sale: Sale, goods: Sequence[Share], delivery: Sequence[Share], held: dict[str, int]
) -> ledger.EntryDraft | None:
    everything = [*goods, *delivery]
    deposit = held.get(sale.order.id, 0)
    held[sale.order.id] = max(0, deposit - sum(share.gross_minor for share in everything))
    return recipes.shipped(
        sale.order.id,
        sale.fulfillment_id,
        f"shipped:{sale.fulfillment_id}",
        sale.order.currency,
        goods_list=sum(share.list_net_minor for share in goods),
        discount=sum(share.discount_net_minor for share in everything),
        shipping=sum(share.list_net_minor for share in delivery),
        taxes=shares.taxes(everything),
        deposit=deposit,
    )


def _parts(tx: Tx, order_ids: Sequence[str]) -> tuple[dict[str, Any], dict[str, list[Share]]]:
    """The goods part of each order line, and the delivery of each order as far as it was not taken off before."""
    line = tables.order_adjustment_line.c
    parts = orders.parts_of(tx, order_ids)
    delivery = [part for part in parts if part.kind == "shipping"]
    query = select(line.part_id).where(among(line.part_id, [part.id for part in delivery]), line.was_shipped.is_(False))
    taken_off = {row.part_id for row in tx.rows(query)}
    whole: dict[str, list[Share]] = {}
    for part in delivery:
        if part.id not in taken_off:
            whole.setdefault(part.order_id, []).append(shares.between(part, 0, part.units))
    return {part.order_line_id: part for part in parts if part.kind == "goods"}, whole


def _deposits(tx: Tx, order_ids: Sequence[str]) -> dict[str, int]:
    """What each order holds as a deposit, from its postings."""
    p = posting.c
    query = select(p.order_id, func.sum(p.amount_minor).label("amount")).where(
        p.account == DEPOSITS, among(p.order_id, order_ids)
    )
    found: Mapping[str, int] = {row.order_id: -int(row.amount) for row in tx.rows(query.group_by(p.order_id))}
    return dict(found)
