"""An order: its lines, discounts, taxes and delivery to the total, its money, and the units of every line."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from storekeep.kernel.db import Tx
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line
from storekeep.shop.inventory.tables import stock_move
from storekeep.shop.orders.tables import order_adjustment, order_adjustment_line, order_line, order_part
from storekeep.shop.reports.explain.model import Explanation, Number, Row, number
from storekeep.shop.reports.explain.money import of_order, order_row


def order(tx: Tx, which: str) -> Explanation:
    """The order with this number. Raises `NotFound`, or `Invalid` for what cannot be an order's number."""
    row = order_row(tx, which)
    lines = tx.rows(select(order_line).where(order_line.c.order_id == row.id).order_by(order_line.c.position))
    parts = tx.rows(
        select(order_part, order_line.c.sku)
        .outerjoin(order_line, order_line.c.id == order_part.c.order_line_id)
        .where(order_part.c.order_id == row.id)
        .order_by(order_part.c.kind, order_line.c.position, order_part.c.id)
    )
    numbers = [*_total(row, parts), *of_order(tx, row), *_units(tx, row, lines)]
    return Explanation(f"order {row.number}", tuple(numbers))


def _total(row: Any, parts: Sequence[Any]) -> list[Number]:
    def rows(of: Iterable[Any], column: str, what: str, sign: int = 1) -> list[Row]:
        return [Row(sign * getattr(part, column), f"{_name(part)}: {what.format(part=part)}", f"order_part {part.id}")
                for part in of]  # fmt: skip

    goods = [part for part in parts if part.kind == "goods"]
    delivery = [part for part in parts if part.kind == "shipping"]
    total: list[Row] = []
    for part in parts:
        total += rows([part], "list_minor", "price")
        total += rows([part], "discount_minor", "discount", -1)
        if not row.prices_include_tax:
            total += rows([part], "tax_minor", "{part.tax_label}")
    taxes = "tax, in the prices" if row.prices_include_tax else "tax, on top of the prices"
    return [
        number("goods", row.goods_minor, rows(goods, "list_minor", "price"), row.currency),
        number("discount", row.discount_minor, rows(parts, "discount_minor", "discount"), row.currency),
        number("delivery", row.shipping_minor, rows(delivery, "list_minor", "price"), row.currency),
        number(taxes, row.tax_minor, rows(parts, "tax_minor", "{part.tax_label}"), row.currency),
        number("total", row.total_minor, total, row.currency),
    ]


def _name(part: Any) -> str:
    return f"{part.units} x {part.sku}" if part.kind == "goods" else "delivery"


def _units(tx: Tx, row: Any, lines: Sequence[Any]) -> list[Number]:
    taken = _taken_off(tx, row.id)
    work = _work(tx, row.id)
    sent = _sent(tx, work)
    back = _came_back(tx, [line.id for line in lines])
    found: list[Number] = []
    for line in lines:
        off = [one for one in taken if one.order_line_id == line.id]
        again = [one for one in work if one.order_line_id == line.id and one.kind == "reship"]
        found += [
            number(f"{line.sku}: ordered", line.ordered,
                   [Row(line.ordered, f"ordered as {line.title}", f"order_line {line.id}", row.placed_at)]),
            number(f"{line.sku}: canceled", line.canceled, [_document(one) for one in off if not one.was_shipped]),
            number(f"{line.sku}: fulfilled", line.fulfilled,
                   [_move(move) for work_line, move in sent
                    if work_line.order_line_id == line.id and work_line.kind == "sale"]),
            number(f"{line.sku}: returned", line.returned, [_move(move) for move in back if move.line_id == line.id]),
            number(f"{line.sku}: refunded after dispatch", line.refunded,
                   [_document(one) for one in off if one.was_shipped]),
            number(f"{line.sku}: to be sent again", line.replaced,
                   [Row(one.qty - one.dropped, f"fulfillment {one.number}, {one.status}", f"fulfillment_line {one.id}",
                        one.created_at) for one in again if one.status != "canceled"]),
        ]  # fmt: skip
    return [one for one in found if one.rows or one.said]


def _document(row: Any) -> Row:
    return Row(row.units, f"{row.kind}: {row.reason}", f"order_adjustment {row.adjustment_id}", row.made_at)


def _move(row: Any) -> Row:
    return Row(row.qty, f"no. {row.seq}: {row.kind} {row.qty}", f"stock_move {row.id}", row.posted_at)


def _taken_off(tx: Tx, order_id: str) -> Sequence[Any]:
    taken, a, p = order_adjustment_line.c, order_adjustment.c, order_part.c
    query = (
        select(order_adjustment_line, a.kind, a.reason, a.made_at, p.order_line_id)
        .join(order_adjustment, a.id == taken.adjustment_id)
        .join(order_part, p.id == taken.part_id)
        .where(a.order_id == order_id, p.kind == "goods")
        .order_by(a.id, taken.id)
    )
    return tx.rows(query)


def _work(tx: Tx, order_id: str) -> Sequence[Any]:
    f, w = fulfillment.c, fulfillment_line.c
    query = (
        select(fulfillment_line, f.kind, f.status, f.number, f.created_at)
        .join(fulfillment, f.id == w.fulfillment_id)
        .where(f.order_id == order_id)
        .order_by(f.number, w.id)
    )
    return tx.rows(query)


def _sent(tx: Tx, work: Sequence[Any]) -> list[tuple[Any, Any]]:
    """The moves by which goods left, each with the line of work it was for."""
    by_id = {one.id: one for one in work}
    moves = _moves_of(tx, list(by_id), "ship")
    return [(by_id[move.line_id], move) for move in moves]


def _came_back(tx: Tx, lines: list[str]) -> Sequence[Any]:
    return _moves_of(tx, lines, "return_in")


def _moves_of(tx: Tx, line_ids: list[str], kind: str) -> Sequence[Any]:
    m = stock_move.c
    query = select(stock_move).where(m.line_id.in_(line_ids), m.kind == kind).order_by(m.warehouse_id, m.seq)
    return tx.rows(query)
