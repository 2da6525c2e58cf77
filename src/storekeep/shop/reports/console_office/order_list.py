"""The list of orders: filtered by chips, a day and what was typed; and the same rows for a file."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from storekeep.kernel.clock import start_of_day
from storekeep.kernel.db import Tx
from storekeep.shop.catalog.tables import variant
from storekeep.shop.customers.model import fold_name
from storekeep.shop.customers.tables import customer
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.payments.tables import payment_attempt
from storekeep.shop.reports.console_office.counts import is_late
from storekeep.shop.reports.console_office.paging import PAGE_SIZE, Listed, cut
from storekeep.shop.shipping.tables import shipment

#: chip -> what it says
CHIPS = {
    "pending_payment": "Waiting for payment",
    "open": "Open",
    "late": "Late",
    "checking": "Payment unknown",
    "completed": "Completed",
    "canceled": "Canceled",
    "expired": "Expired",
}
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is filtered by. `today` is the shop's day, for what is late; days are read in `zone`."""

    chip: str = ""
    text: str = ""
    placed_on: str = ""
    confirmed_only: bool = False
    today: str = ""
    zone: str = "UTC"


def orders(tx: Tx, wanted: Wanted, after: str = "", size: int = PAGE_SIZE) -> Listed:
    """Orders by number, newest first; `after` is the last number seen. One statement."""
    order = sales_order.c
    query: Select[Any] = select(
        order.number,
        order.name,
        order.email,
        order.country,
        order.currency,
        order.status,
        order.payment_status,
        order.fulfillment_status,
        order.total_minor,
        order.promised_on,
        order.placed_at,
    )
    query = _filtered(tx, query, wanted)
    if after.isdigit() and len(after) < 16:
        query = query.where(order.number < int(after))
    return cut(tx.rows(query.order_by(order.number.desc()).limit(size + 1)), lambda row: row.number, size)


def rows_for_file(tx: Tx, wanted: Wanted, after: int | None, size: int) -> list[Any]:
    """Orders by number, oldest first, with their money columns, from `after` on."""
    order = sales_order.c
    columns = [
        order.number, order.placed_at, order.name, order.email, order.country, order.channel, order.status,
        order.payment_status, order.fulfillment_status, order.currency, order.goods_minor, order.discount_minor,
        order.shipping_minor, order.tax_minor, order.total_minor, order.owed_minor, order.received_minor,
        order.given_back_minor, order.discount_code, order.delivery_label, order.promised_on,
    ]  # fmt: skip
    query = _filtered(tx, select(*columns), wanted)
    if after is not None:
        query = query.where(order.number > after)
    return list(tx.rows(query.order_by(order.number).limit(size)))


def number_of(tx: Tx, order_id: str) -> int | None:
    """An order's number by its id."""
    found: int | None = tx.scalar(select(sales_order.c.number).where(sales_order.c.id == order_id))
    return found


def number_by_tracking(tx: Tx, tracking_number: str) -> int | None:
    """The order whose parcel carries this tracking number."""
    query = select(sales_order.c.number).join(shipment, shipment.c.order_id == sales_order.c.id)
    found: int | None = tx.scalar(query.where(shipment.c.tracking_number == tracking_number.strip().upper()))
    return found


def variant_by_code(tx: Tx, typed: str) -> str | None:
    """The variant with this SKU or barcode."""
    code = typed.strip()
    query = select(variant.c.id).where(or_(variant.c.sku == code.upper(), variant.c.barcode == code))
    found: str | None = tx.scalar(query)
    return found


def exists(tx: Tx, number: int) -> bool:
    """Whether there is an order with this number."""
    return tx.scalar(select(sales_order.c.id).where(sales_order.c.number == number)) is not None


def _filtered(tx: Tx, query: Select[Any], wanted: Wanted) -> Select[Any]:
    order = sales_order.c
    if wanted.chip == "late":
        query = query.where(is_late(wanted.today))
    elif wanted.chip == "checking":
        unknown = select(payment_attempt.c.order_id).where(payment_attempt.c.status == "unknown")
        query = query.where(order.id.in_(unknown))
    elif wanted.chip:
        query = query.where(order.status == wanted.chip)
    if wanted.placed_on:
        following = (date.fromisoformat(wanted.placed_on) + timedelta(days=1)).isoformat()
        begins, ends = start_of_day(wanted.placed_on, wanted.zone), start_of_day(following, wanted.zone)
        query = query.where(order.placed_at >= begins, order.placed_at < ends)
    if wanted.confirmed_only:
        query = query.where(order.confirmed_at.is_not(None))
    return query.where(_matches(tx, wanted.text)) if wanted.text.strip() else query


def _matches(tx: Tx, text: str) -> ColumnElement[bool]:
    """A number, the beginning of an e-mail address, or the beginning of any word of the customer's name."""
    order, typed = sales_order.c, text.strip()
    bare = typed.removeprefix("#")
    ways = [_begins(tx, order.email, typed.lower())]
    if bare.isascii() and bare.isdigit() and len(bare) < 16:
        ways.append(order.number == int(bare))
    name = fold_name(typed)
    if name:
        known = customer.c.name_folded
        called = or_(_begins(tx, known, name), known.contains(f" {name}", autoescape=True))
        ways.append(order.customer_id.in_(select(customer.c.id).where(called)))
    return or_(*ways)


def _begins(tx: Tx, column: Any, prefix: str) -> ColumnElement[bool]:
    if tx.dialect == "postgresql":
        up, down = column.op("~>=~", is_comparison=True), column.op("~<~", is_comparison=True)
        return and_(up(prefix), down(prefix + _LAST))
    return and_(column >= prefix, column < prefix + _LAST)
