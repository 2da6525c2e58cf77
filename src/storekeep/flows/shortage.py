"""Less is there than the books said: other bins are tried first; what nobody can find is taken off the order.

The customer is told at once and never pays for what will not come: money that was taken goes back, money that is only
set aside is captured without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from storekeep.flows import cancel, dispatch, replacements, telling
from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict
from storekeep.shop.fulfillment import batches, queries
from storekeep.shop.fulfillment import store as fulfillments
from storekeep.shop.fulfillment.model import Stop, WorkLine
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line
from storekeep.shop.inventory import count_tasks, moves, picking
from storekeep.shop.inventory.model import Displaced
from storekeep.shop.inventory.tables import reservation
from storekeep.shop.orders import adjustments, timeline
from storekeep.shop.orders import store as orders
from storekeep.shop.payments import ledger, recipes, refunds
from storekeep.shop.payments.accounts import DEPOSITS
from storekeep.shop.site import profile
from storekeep.shop.support import cases

ON_THE_FLOOR = ("open", "picking", "picked")
REASONS = {"missing": "not found in the warehouse", "damaged": "damaged in the warehouse"}


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """What the picker is told: where to go instead, and how many units will not be sent (0: nothing is lost)."""

    text: str
    stops: tuple[Stop, ...]
    missing: int
    is_canceled: bool


@dataclass(frozen=True, slots=True)
class _Loss:
    """Units of an order line that will not come, and the fulfillment lines that had them as work."""

    order_id: str
    order_line_id: str
    qty: int
    fulfillment_line_id: str | None


def short(
    tx: Tx,
    fulfillment_line_id: str,
    found_qty: int,
    reason: str,
    command_id: str,
    *,
    location_id: str | None = None,
) -> ShortAnswer:
    """At the next bin of this line (or the one named) only `found_qty` of its units are there and good.

    `reason` is missing (written off) or damaged (set aside). Returns the next bins; units that no bin has are dropped
    from the work and canceled on their orders. Idempotent by `command_id`. Raises `Conflict` when the line is not being
    picked, `Invalid` for a quantity or reason that cannot be.
    """
    line = fulfillments.line(tx, fulfillment_line_id)
    fulfillment_id = line.fulfillment_id
    head = fulfillments.load_one(tx, fulfillment_id)
    orders.lock(tx, [head.order_id])
    row = fulfillments.lock(tx, [fulfillment_id])[fulfillment_id]
    at = location_id or _place_of(tx, fulfillment_id, fulfillment_line_id)
    if at is None or row.status != "picking":
        if moves.of_commands(tx, [command_id]):
            return _told(tx, fulfillment_id, fulfillment_line_id, 0)
        raise Conflict(f"{line.sku} is not waiting at a bin now; scan or claim first")
    outcome = picking.short(tx, fulfillment_line_id, at, found_qty, reason, command_id)
    if outcome.is_repeat:
        return _told(tx, fulfillment_id, fulfillment_line_id, outcome.missing)
    currency = profile.load(tx).currency
    key = f"short:{command_id}"
    ledger.post(tx, [recipes.goods_adjusted(fulfillment_line_id, key, -outcome.value_minor, currency)])
    facts = {"found": found_qty, "reason": reason, "missing": outcome.missing, "command_id": command_id}
    audit.record(tx, [audit.Entry("pick.short", "fulfillment_line", fulfillment_line_id, None, facts)])
    if reason == "missing":
        _doubt(tx, at, line)
    give_up(tx, outcome.displaced, REASONS[reason], command_id)
    return _told(tx, fulfillment_id, fulfillment_line_id, outcome.missing)


def _doubt(tx: Tx, location_id: str, line: WorkLine) -> None:
    """A bin that held fewer than the books said is counted; the lost units are off the books until then."""
    why = f"short pick of {line.sku}"
    draft = count_tasks.TaskDraft(location_id, "short_pick", why, "suspicion", (line.variant_id,))
    count_tasks.open_tasks(tx, [draft], must=False)


def _place_of(tx: Tx, fulfillment_id: str, fulfillment_line_id: str) -> str | None:
    stops = queries.stops_of(tx, [fulfillment_id])[fulfillment_id]
    return next((stop.location_id for stop in stops if stop.line_id == fulfillment_line_id), None)


def _told(tx: Tx, fulfillment_id: str, fulfillment_line_id: str, missing: int) -> ShortAnswer:
    status = fulfillments.load_one(tx, fulfillment_id).status
    all_stops = queries.stops_of(tx, [fulfillment_id])[fulfillment_id]
    stops = tuple(stop for stop in all_stops if stop.line_id == fulfillment_line_id)
    said = []
    if status == "canceled":
        said.append("Stop: nothing of this order is left to send; put back what you picked.")
    elif stops:
        said.append(f"Go to {stops[0].location_code} for {stops[0].qty} more.")
    if missing:
        what = "unit is" if missing == 1 else "units are"
        said.append(f"{missing} {what} taken off the order; the customer is told.")
    if status == "picked":
        said.append("Everything else is picked; bring it to the pack station.")
    return ShortAnswer(" ".join(said) or "Noted.", stops, missing, status == "canceled")


def give_up(tx: Tx, displaced: Sequence[Displaced], reason: str, command_id: str) -> None:
    """Units that orders had reserved are gone for good: take them off the work and off what the customers owe.

    Cart holds that lost units are simply smaller. Call it in the transaction that displaced them; `command_id` makes
    the documents unique.
    """
    losses = [
        _Loss(lost.order_id, lost.order_line_id, lost.qty, lost.fulfillment_line_id)
        for lost in displaced
        if lost.order_id is not None and lost.order_line_id is not None
    ]
    orders.lock(tx, [loss.order_id for loss in losses])
    work = _work(tx, losses)
    without_bin = _without_bin(tx, work)
    dropped: dict[str, int] = {}
    sold: dict[str, dict[str, int]] = {}
    resent: set[str] = set()
    for loss in losses:
        fitting = (line for line in work.get(loss.order_line_id, []) if _fits(line, loss, dropped, without_bin))
        line = next(fitting, None)
        if line is not None:
            dropped[line[0].id] = dropped.get(line[0].id, 0) + loss.qty
        if line is not None and line[1] == "reship":
            resent.add(line[0].fulfillment_id)
        else:
            of_order = sold.setdefault(loss.order_id, {})
            of_order[loss.order_line_id] = of_order.get(loss.order_line_id, 0) + loss.qty
    fulfillments.drop(tx, dropped)
    for order_id, units in sorted(sold.items()):
        _cancel_units(tx, order_id, units, reason, f"{command_id}:{order_id}")
    touched = {line.fulfillment_id for lines in work.values() for line, _ in lines if line.id in dropped}
    _settle_work(tx, sorted(touched), reason)
    _tell_agents(tx, sorted(resent), reason)
    batches.follow(tx)


def _work(tx: Tx, losses: Sequence[_Loss]) -> dict[str, list[tuple[WorkLine, str]]]:
    """The live work on these order lines: (line, kind of fulfillment) by order line."""
    f, line = fulfillment.c, fulfillment_line.c
    query = (
        select(fulfillment_line, f.kind)
        .join_from(fulfillment_line, fulfillment, f.id == line.fulfillment_id)
        .where(line.order_line_id.in_({loss.order_line_id for loss in losses}), f.status.in_(ON_THE_FLOOR))
        .order_by(line.id)
    )
    found: dict[str, list[tuple[WorkLine, str]]] = {}
    for row in tx.rows(query):
        own = WorkLine(*(getattr(row, name) for name in WorkLine.__slots__))
        found.setdefault(own.order_line_id, []).append((own, row.kind))
    return found


def _without_bin(tx: Tx, work: Mapping[str, Sequence[tuple[WorkLine, str]]]) -> dict[str, int]:
    """The units of each line of work that are still to be picked and were given no bin."""
    lines = [line for mine in work.values() for line, _ in mine]
    r = reservation.c
    query = (
        select(r.fulfillment_line_id, func.sum(r.qty).label("units"))
        .where(r.fulfillment_line_id.in_([line.id for line in lines]), r.status == "assigned")
        .group_by(r.fulfillment_line_id)
    )
    given = {row.fulfillment_line_id: int(row.units) for row in tx.rows(query)}
    return {line.id: line.to_pick - given.get(line.id, 0) for line in lines}


def _fits(
    work: tuple[WorkLine, str], loss: _Loss, dropped: Mapping[str, int], without_bin: Mapping[str, int]
) -> bool:
    """Units that had no bin yet were meant for work without one: claimed work keeps the goods it was sent to."""
    line = work[0]
    if loss.fulfillment_line_id is None:
        return without_bin[line.id] - dropped.get(line.id, 0) >= loss.qty
    return loss.fulfillment_line_id == line.id and line.to_pick - dropped.get(line.id, 0) >= loss.qty


def _cancel_units(tx: Tx, order_id: str, units: Mapping[str, int], reason: str, command_id: str) -> None:
    """Take units off an order: the whole of it when nothing else is left, else only their share of the money."""
    lines = orders.lines_of(tx, [order_id])
    if all(line.canceled + units.get(line.id, 0) == line.ordered for line in lines):
        cancel.cancel_units(tx, order_id, units, reason=reason, command_id=command_id)
        return
    made = adjustments.adjust(
        tx, order_id, "cancellation", units, reason=reason, command_id=command_id, was_shipped=False
    )
    order = orders.lock(tx, [order_id])[order_id]
    held = -ledger.order_balance(tx, order_id, [DEPOSITS])[DEPOSITS]
    amount = max(0, min(made.gross_minor, held, refunds.refundable(tx, order_id)))
    if amount:
        refunds.request(tx, order_id, amount, reason=reason, key=f"short:{made.id}", adjustment_id=made.id)
        key = f"deposit_returned:{made.id}"
        ledger.post(tx, [recipes.deposit_returned(order_id, made.id, key, amount, order.currency)])
    count = sum(units.values())
    text = f"{count} unit{'s' if count > 1 else ''} cannot be sent: {reason}"
    timeline.record(tx, [timeline.Happening(order_id, "order.shortened", text, {"units": dict(units)})])
    orders.refresh(tx, [order_id])
    fresh = orders.lock(tx, [order_id])[order_id]
    gone = [{"qty": units[line.id], "title": line.title, "total": ""} for line in lines if units.get(line.id)]
    facts = {order_id: {"refund_minor": amount, "reason": reason, "lines": gone}}
    telling.mail_orders(tx, "canceled", [(fresh, f"canceled:{command_id}")], facts)


def _settle_work(tx: Tx, fulfillment_ids: Sequence[str], reason: str) -> None:
    """Work that lost units may be done now, or have nothing left to send."""
    rows = fulfillments.lock(tx, fulfillment_ids)
    for each, lines in fulfillments.lines_of(tx, fulfillment_ids).items():
        if rows[each].status in {"canceled", "packed", "handed_over"}:
            continue
        if all(line.due == 0 for line in lines):
            dispatch.cancel_fulfillment(tx, each, reason)
        elif rows[each].status == "picking" and all(line.to_pick == 0 for line in lines):
            fulfillments.advance(tx, [each], "picked")


def _tell_agents(tx: Tx, fulfillment_ids: Sequence[str], reason: str) -> None:
    """Goods that were to be sent again are gone too: somebody must find another remedy."""
    if not fulfillment_ids:
        return
    rows = fulfillments.lock(tx, fulfillment_ids)
    known = orders.lock(tx, [row.order_id for row in rows.values()])
    for order_id in known:
        replacements.recount(tx, order_id)
    wanted = []
    for each, row in rows.items():
        order = known[row.order_id]
        subject = f"Order {order.number}: the replacement cannot be sent in full ({reason})"
        wanted.append(
            cases.NewCase(f"reship-short:{each}", "other", subject, order.id, None, order.email, order.name)
        )
    cases.open_cases(tx, wanted)
