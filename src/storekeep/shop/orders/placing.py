"""Copying carts into orders: the rows of many orders, made from their quotes and inserted together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from storekeep.kernel import numbers
from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.shop.orders import tables
from storekeep.shop.orders.carts import CartLine
from storekeep.shop.orders.requirements import charged_price
from storekeep.shop.orders.shares import discount_net
from storekeep.shop.pricing.model import Part, Quote


@dataclass(frozen=True, slots=True)
class NewOrder:
    """Everything an order copies from its cart and quote. Ids are those of the order, by cart line; a kit's line stands
    in `kits`, its parts in `lines`."""

    id: str
    cart_id: str
    customer_id: str | None
    channel: str
    email: str
    name: str
    ship_to: str
    country: str
    tender: str
    promised_on: str | None
    expires_at: Instant | None
    lines: tuple[CartLine, ...]
    line_ids: dict[str, str]
    quote: Quote
    kits: Mapping[str, tuple[str, CartLine]] = field(default_factory=dict)


def insert(tx: Tx, orders: Sequence[NewOrder]) -> dict[str, int]:
    """Write orders with their lines and parts; returns the number of each by id."""
    taken = numbers.take(tx, "order", len(orders))
    given = dict(zip((order.id for order in orders), taken, strict=True))
    tx.insert_many(tables.sales_order, [_head(tx, order, given[order.id]) for order in orders])
    tx.insert_many(tables.order_kit, [row for order in orders for row in _kits(order, tx.now)])
    tx.insert_many(tables.order_line, [row for order in orders for row in _lines(order)])
    tx.insert_many(tables.order_part, [_part(tx, order, part) for order in orders for part in order.quote.parts])
    return given


def _head(tx: Tx, order: NewOrder, number: int) -> dict[str, Any]:
    quote = order.quote
    method = quote.method
    return {
        "id": order.id,
        "number": number,
        "cart_id": order.cart_id,
        "customer_id": order.customer_id,
        "channel": order.channel,
        "email": order.email,
        "name": order.name,
        "ship_to": order.ship_to,
        "country": order.country,
        "currency": quote.currency,
        "prices_include_tax": quote.prices_include_tax,
        "tax_rounding": quote.rounding,
        "delivery_code": method.code if method else "",
        "delivery_label": method.label if method else "",
        "promised_on": order.promised_on,
        "discount_code": quote.discount_code.code if quote.discount_code else None,
        "tender": order.tender,
        "version": 1,
        "goods_minor": quote.goods_list_minor,
        "discount_minor": quote.discount_minor,
        "shipping_minor": quote.shipping_minor,
        "tax_minor": quote.tax_minor,
        "total_minor": quote.total_minor,
        "owed_minor": quote.total_minor,
        "received_minor": 0,
        "given_back_minor": 0,
        "authorized_minor": 0,
        "status": "pending_payment",
        "payment_status": "unpaid" if quote.total_minor else "not_required",
        "fulfillment_status": "unfulfilled",
        "placed_at": tx.now,
        "confirmed_at": None,
        "expires_at": order.expires_at,
        "expired_at": None,
        "updated_at": tx.now,
    }


def _kits(order: NewOrder, now: Instant) -> list[dict[str, Any]]:
    return [
        {
            "id": kit_id,
            "order_id": order.id,
            "position": position,
            "variant_id": line.variant_id,
            "sku": line.sku,
            "title": line.title,
            "option_label": line.option_label,
            "qty": line.qty,
            "unit_price_minor": charged_price(line, now),
        }
        for position, (kit_id, line) in enumerate(order.kits.values(), 1)
    ]


def _lines(order: NewOrder) -> list[dict[str, Any]]:
    charged = {part.line_id: part for part in order.quote.parts if part.line_id is not None}
    return [
        {
            "id": order.line_ids[line.id],
            "order_id": order.id,
            "kit_id": order.kits[line.of_line][0] if line.of_line else None,
            "position": position,
            "variant_id": line.variant_id,
            "sku": line.sku,
            "title": line.title,
            "option_label": line.option_label,
            "unit_price_minor": charged[line.id].list_minor // line.qty,
            "weight_g": line.weight_g,
            "ordered": line.qty,
            "canceled": 0,
            "fulfilled": 0,
            "returned": 0,
            "refunded": 0,
            "replaced": 0,
        }
        for position, line in enumerate(order.lines, 1)
    ]


def _part(tx: Tx, order: NewOrder, part: Part) -> dict[str, Any]:
    return {
        "id": tx.new_id(),
        "order_id": order.id,
        "order_line_id": None if part.line_id is None else order.line_ids[part.line_id],
        "kind": part.kind,
        "units": part.qty,
        "list_minor": part.list_minor,
        "discount_minor": part.discount_minor,
        "discount_net_minor": discount_net(part.discount_minor, order.quote.prices_include_tax, part.rate_bp),
        "net_minor": part.net_minor,
        "tax_minor": part.tax_minor,
        "gross_minor": part.gross_minor,
        "tax_class": part.tax_class,
        "rate_bp": part.rate_bp,
        "tax_label": part.tax_label,
    }
