"""Sending goods once more, for nothing: reserved like a sale, worked like a sale, never sold a second time.

The units count as replaced on their order line, so that they can be refunded or sent again no more.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from storekeep.flows import resolve, telling
from storekeep.flows.services import order_link
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Problem, Refused
from storekeep.kernel.jsontext import load
from storekeep.kernel.money import divide_half_up
from storekeep.shop.catalog.tables import variant
from storekeep.shop.fulfillment import store as fulfillments
from storekeep.shop.fulfillment.model import NewFulfillment, NewLine
from storekeep.shop.inventory import queries as stock
from storekeep.shop.inventory import reservations
from storekeep.shop.inventory.destination import Destination
from storekeep.shop.inventory.model import Allocation, FirmLine, FirmRequest, Short
from storekeep.shop.inventory.tables import cost_pool
from storekeep.shop.notify import mails
from storekeep.shop.orders import store
from storekeep.shop.pricing import rules
from storekeep.shop.shipping.promise import promise
from storekeep.shop.shipping.tables import shipment
from storekeep.shop.site import profile
from storekeep.shop.support import letters, remedies
from storekeep.shop.support.model import Applied, Preview

#: Transit days to promise when the delivery method of the order exists no more.
SLOWEST_DAYS = 5


def preview_reship(tx: Tx, order_id: str, units: Mapping[str, int]) -> Preview:
    """Exactly what sending units of lines again would do and cost, or why it cannot be done. Only reads.

    At most what was sent and neither refunded nor sent again before, and only what is in stock. The cost is the goods
    at their average cost plus, as an estimate, what the label of the order's latest parcel cost.
    """
    return _show(tx, resolve.order_of(tx, order_id), units)


def reship(
    tx: Tx,
    order_id: str,
    units: Mapping[str, int],
    *,
    reason: str,
    command_id: str,
    conversation_id: str | None = None,
) -> Applied:
    """Send units of lines once more: reserve them, give the warehouse its work, tell the customer. No money moves.

    Raises `Refused` naming every line of which too few are left, on the order or on the shelf. Resolves the
    conversation it belongs to. Idempotent by command.
    """
    why = resolve.clean_reason(reason)
    order = store.lock(tx, [order_id])[order_id]
    if known := remedies.find(tx, command_id, "reship", order_id):
        return known
    preview = _show(tx, order, units)
    if preview.problems:
        raise Refused(preview.problems)
    lines = {line.id: line for line in store.lines_of(tx, [order_id])}
    wanted = tuple(FirmLine(line_id, lines[line_id].variant_id, count) for line_id, count in preview.units.items())
    to = Destination(order.country, load(order.ship_to).get("postcode", ""))
    outcome = reservations.reserve_extra(tx, [FirmRequest(None, order_id, wanted, to)])[0]
    if isinstance(outcome, Short):
        raise Refused([_short(lines, each.variant_id, each.wanted, each.available) for each in outcome.lines])
    promised_on = _promised_on(tx, order)
    fulfillments.create(tx, _work(order, lines, outcome.allocations, promised_on))
    store.count_units(tx, "replaced", preview.units)
    applied = remedies.record(
        tx, preview, command_id, conversation_id=conversation_id, status="done", remedy_id=tx.new_id()
    )
    count = sum(preview.units.values())
    text = f"{count} unit{'s' if count > 1 else ''} sent again: {why}"
    resolve.tell_order(tx, order_id, "remedy.reship", text, applied, conversation_id, resolves=True)
    store.refresh(tx, [order_id])
    _mail(tx, order, lines, preview.units, promised_on, f"reship:{applied.remedy_id}", conversation_id)
    return applied


def _show(tx: Tx, order: Any, units: Mapping[str, int]) -> Preview:
    lines = {line.id: line for line in store.lines_of(tx, [order.id])}
    wanted = {line_id: count for line_id, count in units.items() if count}
    problems = _of_lines(lines, wanted)
    if not wanted:
        problems.append(resolve.impossible("lines_missing", "Choose what to send again.", "lines"))
    demand: dict[str, int] = {}
    for line_id, count in wanted.items():
        if line_id in lines and count > 0:
            demand[lines[line_id].variant_id] = demand.get(lines[line_id].variant_id, 0) + count
    free = stock.availability_of(tx, list(demand))
    problems += [
        _short(lines, variant_id, count, free[variant_id].available)
        for variant_id, count in demand.items()
        if count > free[variant_id].available
    ]
    goods, label = _goods_cost(tx, demand), _label_cost(tx, order.id)
    currency = order.currency
    effects = (
        *(f"{n} x {resolve.title_of(lines[each])} sent again" for each, n in wanted.items() if each in lines),
        f"Available falls by {sum(demand.values())}",
        f"Goods cost us {telling.money(goods, currency)}, the label about {telling.money(label, currency)}",
        "No money moves",
        f"A mail tells the customer that it comes by {_promised_on(tx, order)}",
    )
    return Preview(
        "reship", order.id, currency, cost_minor=goods + label, units=wanted, effects=effects, problems=tuple(problems)
    )


def _of_lines(lines: Mapping[str, Any], wanted: Mapping[str, int]) -> list[Problem]:
    problems = []
    for line_id, count in wanted.items():
        line, path = lines.get(line_id), f"lines.{line_id}"
        if line is None:
            problems.append(resolve.impossible("line_unknown", "This line is not part of the order.", path))
            continue
        left = line.fulfilled - line.refunded - line.replaced
        if not 0 < count <= left:
            text = f"{line.title}: {left} can be sent again, not {count}."
            problems.append(resolve.impossible("too_many_units", text, path, left=left))
    return problems


def _short(lines: Mapping[str, Any], variant_id: str, wanted: int, available: int) -> Problem:
    line = next(line for line in lines.values() if line.variant_id == variant_id)
    text = f"{resolve.title_of(line)}: {available} left in stock, not {wanted}. Refund it instead, or wait for goods."
    return resolve.impossible("short", text, f"lines.{line.id}", available=available)


def _goods_cost(tx: Tx, demand: Mapping[str, int]) -> int:
    """Units at the average cost of what is on hand; at the catalogue's cost where nothing is."""
    p, v = cost_pool.c, variant.c
    pools = {
        row.variant_id: (int(row.qty), int(row.value))
        for row in tx.rows(
            select(p.variant_id, func.sum(p.qty).label("qty"), func.sum(p.value_minor).label("value"))
            .where(p.variant_id.in_(list(demand)))
            .group_by(p.variant_id)
        )
    }
    listed = {row.id: int(row.cost_minor) for row in tx.rows(select(v.id, v.cost_minor).where(v.id.in_(list(demand))))}
    total = 0
    for variant_id, count in demand.items():
        qty, value = pools.get(variant_id, (0, 0))
        total += divide_half_up(value * count, qty) if qty else listed.get(variant_id, 0) * count
    return total


def _label_cost(tx: Tx, order_id: str) -> int:
    s = shipment.c
    query = select(s.cost_minor).where(s.order_id == order_id, s.status != "canceled").order_by(s.id.desc()).limit(1)
    return int(tx.scalar(query) or 0)


def _promised_on(tx: Tx, order: Any) -> str:
    """The day a parcel reaches the customer when the warehouse starts now, by the order's own delivery method."""
    house = stock.warehouses(tx)[0]
    days = [m.max_days for m in rules.delivery_methods(tx) if m.code == order.delivery_code]
    handling = profile.load(tx).handling_days
    return promise(tx.now, house.cutoff_hour, house.timezone, handling, days[0] if days else SLOWEST_DAYS)


def _work(
    order: Any, lines: Mapping[str, Any], allocations: tuple[Allocation, ...], promised_on: str
) -> list[NewFulfillment]:
    by_house: dict[str, list[NewLine]] = {}
    for line_id, variant_id, warehouse_id, qty in allocations:
        line = lines[line_id]
        by_house.setdefault(warehouse_id, []).append(
            NewLine(line_id, variant_id, line.sku, resolve.title_of(line), qty)
        )
    return [
        NewFulfillment(order.id, order.number, warehouse_id, "reship", promised_on, tuple(work))
        for warehouse_id, work in sorted(by_house.items())
    ]


def _mail(
    tx: Tx,
    order: Any,
    lines: Mapping[str, Any],
    units: Mapping[str, int],
    by: str,
    key: str,
    conversation_id: str | None,
) -> None:
    shop = profile.load(tx)
    link = order_link(shop.public_url, telling.link_secret(tx), order.id, order.number, tx.now)
    goods = [(count, resolve.title_of(lines[line_id])) for line_id, count in units.items()]
    subject, body = letters.sent_again(shop.name, order.name, order.number, goods, by, link)
    mails.queue(tx, [mails.MailDraft(key, "sent_again", order.email, subject, body, order.id, conversation_id)])
