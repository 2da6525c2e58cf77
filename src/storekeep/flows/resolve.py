"""Putting things right with money, and what every remedy shares. The others are `send_again` and `take_back`.

A `preview_*` only reads and says what a remedy would do, what it costs, and why it is impossible; the verb of the same
name does exactly that in one transaction, once per command, and keeps what was shown. A refund never moves goods, and
goods that come back never move money: those are two remedies.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from storekeep.flows import cancel, telling
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid, NotFound, Problem, Refused
from storekeep.shop.fulfillment.states import OPEN as LIVE_WORK
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.orders import adjustments, shares, store, timeline
from storekeep.shop.orders.shares import Share
from storekeep.shop.orders.tables import order_adjustment, sales_order
from storekeep.shop.payments import ledger, recipes, refunds
from storekeep.shop.payments.accounts import DEPOSITS, RECEIVABLE, SHIPPING_INCOME
from storekeep.shop.payments.tables import refund as refund_row
from storekeep.shop.returns.tables import goods_return
from storekeep.shop.support import conversations, remedies
from storekeep.shop.support.model import Applied, MoneyPart, Preview


@dataclass(frozen=True, slots=True)
class RefundWish:
    """What to give back: everything, or units of lines and the delivery, or a free amount (goodwill) alone."""

    units: Mapping[str, int] = field(default_factory=dict)
    with_delivery: bool = False
    goodwill_minor: int = 0
    is_whole: bool = False


@dataclass(slots=True)
class _Plan:
    """A refund taken apart: units that were sent, units that were not (they are canceled), delivery, goodwill."""

    sent: dict[str, int] = field(default_factory=dict)
    unsent: dict[str, int] = field(default_factory=dict)
    with_delivery: bool = False
    sent_shares: tuple[Share, ...] = ()
    unsent_shares: tuple[Share, ...] = ()
    goodwill_minor: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def given_up_minor(self) -> int:
        """Revenue given up: of sent units, delivery, goodwill."""
        return sum(share.gross_minor for share in self.sent_shares) + self.goodwill_minor

    @property
    def canceled_minor(self) -> int:
        return sum(share.gross_minor for share in self.unsent_shares)


# --- refund -----------------------------------------------------------------------------------------------------------


def preview_refund(tx: Tx, order_id: str, wish: RefundWish, *, limit_minor: int | None = None) -> Preview:
    """Exactly what a refund would do: parts with tax, what goes back through the bank, what is merely forgiven.

    `limit_minor` is the most that this person may give back at once (None: no limit). Only reads.
    """
    order = order_of(tx, order_id)
    return _show_refund(tx, order, _plan(tx, order, wish), limit_minor)


def refund(
    tx: Tx,
    order_id: str,
    wish: RefundWish,
    *,
    reason: str,
    command_id: str,
    limit_minor: int | None = None,
    conversation_id: str | None = None,
) -> Applied:
    """Give money back: an adjustment of what is owed and a refund request, together. Stock is not touched.

    Units that were not sent yet are canceled instead. Raises `Refused` with every reason, above all when more is asked
    than is left of what was paid, or than the person may give. Resolves the conversation it belongs to. Idempotent by
    command: the second caller gets the first one's result.
    """
    why = clean_reason(reason)
    order = store.lock(tx, [order_id])[order_id]
    if known := remedies.find(tx, command_id, "refund", order_id):
        return known
    plan = _plan(tx, order, wish)
    preview = _show_refund(tx, order, plan, limit_minor)
    if preview.problems:
        raise Refused(preview.problems)
    remedy_id, back = tx.new_id(), preview.money_back_minor
    if plan.unsent:
        back -= cancel.cancel_units(
            tx, order_id, plan.unsent, reason=why, command_id=f"{command_id}:cancel", tell=not plan.sent
        )
    if plan.given_up_minor:
        _give_up(tx, order, plan, why, command_id, f"remedy:{remedy_id}", back)
    status = "executing" if preview.money_back_minor else "done"
    applied = remedies.record(
        tx, preview, command_id, conversation_id=conversation_id, status=status, remedy_id=remedy_id
    )
    text = f"Refund of {telling.money(preview.amount_minor, order.currency)}: {why}"
    tell_order(tx, order_id, "remedy.refund", text, applied, conversation_id, resolves=True)
    store.refresh(tx, [order_id])
    return applied


def _give_up(tx: Tx, order: Any, plan: _Plan, reason: str, command_id: str, key: str, back_minor: int) -> None:
    """The two halves for what was sent: less is owed (and booked), and the money is asked to go back."""
    if plan.goodwill_minor:
        amount = plan.goodwill_minor
        made = adjustments.compensate(tx, order.id, amount, reason=reason, command_id=f"{command_id}:goodwill")
    else:
        made = adjustments.adjust(
            tx, order.id, "return" if plan.sent else "price_adjustment", plan.sent, reason=reason,
            command_id=f"{command_id}:units", was_shipped=True, with_shipping=plan.with_delivery,
        )  # fmt: skip
    goods = [share for share in made.shares if share.kind != "shipping"]
    ledger.post(
        tx,
        [
            recipes.taken_back(
                order.id,
                made.id,
                f"taken_back:{made.id}",
                order.currency,
                goods_list=sum(share.list_net_minor for share in goods),
                discount=sum(share.discount_net_minor for share in made.shares),
                shipping=sum(share.list_net_minor for share in made.shares if share.kind == "shipping"),
                taxes=shares.taxes(made.shares),
                receivable=_receivable(tx, order.id),
            )
        ],
    )
    refunds.request(tx, order.id, back_minor, reason=reason, key=key, adjustment_id=made.id)


def _plan(tx: Tx, order: Any, wish: RefundWish) -> _Plan:
    plan = _Plan(goodwill_minor=wish.goodwill_minor)
    if wish.goodwill_minor:
        _plan_goodwill(plan, order, wish)
        return plan
    lines = {line.id: line for line in store.lines_of(tx, [order.id])}
    for line_id, units in _wanted(lines, wish).items():
        line = lines.get(line_id)
        if line is None:
            plan.problems.append(impossible("line_unknown", "This line is not part of the order.", f"lines.{line_id}"))
            continue
        sent = line.fulfilled - line.refunded - line.replaced
        unsent = line.ordered - line.canceled - line.fulfilled
        if not 0 <= units <= sent + unsent:
            text = f"{line.title}: {sent + unsent} can still be refunded, not {units}."
            plan.problems.append(impossible("too_many_units", text, f"lines.{line_id}", left=sent + unsent))
            continue
        if taken := min(units, sent):
            plan.sent[line_id] = taken
        if units > taken:
            plan.unsent[line_id] = units - taken
    is_all = all(line.canceled + plan.unsent.get(line.id, 0) == line.ordered for line in lines.values())
    if not plan.problems:
        _plan_delivery(tx, plan, order, wish, cancels_all=is_all and bool(plan.unsent))
        plan.problems += _work_in_the_way(tx, order.id, plan, whole=is_all)
    return plan


def _wanted(lines: Mapping[str, Any], wish: RefundWish) -> dict[str, int]:
    if not wish.is_whole:
        return {line_id: units for line_id, units in wish.units.items() if units}
    left = {line.id: line.ordered - line.canceled - line.refunded - line.replaced for line in lines.values()}
    return {line_id: units for line_id, units in left.items() if units}


def _plan_goodwill(plan: _Plan, order: Any, wish: RefundWish) -> None:
    if wish.units or wish.with_delivery or wish.is_whole:
        raise Invalid("amount", "Give back either goods and delivery, or a free amount; not both at once.")
    if not 0 < wish.goodwill_minor <= order.owed_minor:
        text = f"An amount up to {telling.money(order.owed_minor, order.currency)} is possible."
        plan.problems.append(impossible("amount_out_of_range", text, "amount", at_most=order.owed_minor))


def _plan_delivery(tx: Tx, plan: _Plan, order: Any, wish: RefundWish, *, cancels_all: bool) -> None:
    """Add the shares. Delivery that nothing was sent with yet goes with a cancellation of everything, never alone."""
    if (wish.with_delivery or wish.is_whole) and not cancels_all:
        earned = ledger.order_balance(tx, order.id, [SHIPPING_INCOME])[SHIPPING_INCOME] != 0
        given = adjustments.preview(tx, order.id, {}, was_shipped=True, with_shipping=True)
        delivery = sum(share.gross_minor for share in given)
        if wish.with_delivery and not (earned and delivery):
            text = (
                "The delivery was given back before, or it was free."
                if not delivery
                else "The delivery can be given back once something was sent, or by canceling everything."
            )
            plan.problems.append(impossible("delivery_not_refundable", text, "delivery"))
        plan.with_delivery = earned and delivery > 0
    plan.sent_shares = adjustments.preview(
        tx, order.id, plan.sent, was_shipped=True, with_shipping=plan.with_delivery
    )
    plan.unsent_shares = adjustments.preview(
        tx, order.id, plan.unsent, was_shipped=False, with_shipping=cancels_all
    )


def _work_in_the_way(tx: Tx, order_id: str, plan: _Plan, *, whole: bool) -> Iterable[Problem]:
    """Units that were not sent can be canceled only while the warehouse has not gone too far."""
    if not plan.unsent:
        return
    f = fulfillment.c
    live = {row.status for row in tx.rows(select(f.status).where(f.order_id == order_id, f.status.in_(LIVE_WORK)))}
    if "packed" in live:
        yield impossible("packed", "The parcel is packed already; refund these units once they were sent.", "lines")
    elif live - {"open"} and not whole:
        yield impossible("picking", "The warehouse is picking this order; cancel it whole or wait.", "lines")


def _show_refund(tx: Tx, order: Any, plan: _Plan, limit_minor: int | None) -> Preview:
    currency, problems = order.currency, list(plan.problems)
    left = refunds.refundable(tx, order.id)
    forgiven = min(plan.given_up_minor, _receivable(tx, order.id))
    held = -ledger.order_balance(tx, order.id, [DEPOSITS])[DEPOSITS]
    canceled_back = max(0, min(plan.canceled_minor, held, left))
    back = plan.given_up_minor - forgiven + canceled_back
    amount = plan.given_up_minor + plan.canceled_minor
    if not problems and amount == 0:
        problems.append(impossible("nothing_to_refund", "There is nothing left to give back here.", "amount"))
    if back > left:
        text = f"{telling.money(left, currency)} can still be refunded, not {telling.money(back, currency)}."
        problems.append(impossible("refund_above_paid", text, "amount", at_most=left))
    elif amount > order.owed_minor:
        text = (
            f"{telling.money(order.owed_minor, currency)} of this order is left to give up, not "
            f"{telling.money(amount, currency)}. A refund that came back can be tried again at its payment."
        )
        problems.append(impossible("refund_above_owed", text, "amount", at_most=order.owed_minor))
    if limit_minor is not None and amount > limit_minor:
        text = (
            f"You may give back up to {telling.money(limit_minor, currency)} at once; this is "
            f"{telling.money(amount, currency)}. Ask a colleague with a higher limit."
        )
        problems.append(impossible("above_limit", text, "amount", at_most=limit_minor))
    effects = [f"{telling.money(back, currency)} goes back the way it was paid"] if back else []
    if forgiven:
        effects.append(f"{telling.money(forgiven, currency)} is no longer owed")
    tax = sum(share.tax_minor for share in (*plan.sent_shares, *plan.unsent_shares))
    effects.append(f"of this, {telling.money(tax, currency)} is tax" if tax else "No tax is part of this")
    if units := sum(plan.unsent.values()):
        effects.append(f"{units} units that were not sent are canceled; they can be sold again")
    else:
        effects.append("Stock does not change")
    if back:
        effects.append("A mail tells the customer when the money is on its way")
    return Preview(
        "refund", order.id, currency, amount, back, plan.given_up_minor, {**plan.unsent, **_added(plan)},
        _money_parts(tx, order.id, plan), tuple(effects), tuple(problems),
    )  # fmt: skip


def _added(plan: _Plan) -> dict[str, int]:
    return {line_id: units + plan.unsent.get(line_id, 0) for line_id, units in plan.sent.items()}


def _money_parts(tx: Tx, order_id: str, plan: _Plan) -> tuple[MoneyPart, ...]:
    titles = {line.id: title_of(line) for line in store.lines_of(tx, [order_id])}
    owners = {part.id: part.order_line_id for part in store.parts_of(tx, [order_id])}
    parts = []
    for share in (*plan.sent_shares, *plan.unsent_shares):
        if not share.units:
            continue
        line_id = owners.get(share.part_id)
        label = "Delivery" if line_id is None else titles[line_id]
        parts.append(MoneyPart(label, share.units, share.net_minor, share.tax_minor, share.gross_minor, line_id))
    if plan.goodwill_minor:
        parts.append(MoneyPart("Goodwill", 0, plan.goodwill_minor, 0, plan.goodwill_minor))
    return tuple(parts)


def _receivable(tx: Tx, order_id: str) -> int:
    return max(0, ledger.order_balance(tx, order_id, [RECEIVABLE])[RECEIVABLE])


# --- what became of them ----------------------------------------------------------------------------------------------


def settle_remedies(tx: Tx, order_id: str) -> int:
    """Bring an order's remedies up to date with their refunds and returns; returns how many changed. Safe to repeat.

    A refund remedy is done when all its refunds have succeeded and failed while one of them has; a return remedy is
    done when its return is closed, and failed when nothing came back.
    """
    known = remedies.of(tx, order_id=order_id)
    if not known:
        return 0
    a, r, g = order_adjustment.c, refund_row.c, goods_return.c
    paid = tx.rows(
        select(a.command_id, r.status)
        .join_from(refund_row, order_adjustment, r.adjustment_id == a.id)
        .where(r.order_id == order_id)
    )
    back = {row.id: row.status for row in tx.rows(select(g.id, g.status).where(g.order_id == order_id))}
    changed = 0
    for remedy in known:
        if remedy.kind == "return":
            status = {"closed": "done", "canceled": "failed"}.get(back.get(remedy.id, ""), "executing")
        elif remedy.kind == "refund":
            status = _of_refunds({row.status for row in paid if row.command_id.startswith(f"{remedy.command_id}:")})
        else:
            status = "done"
        if status != remedy.status:
            changed += remedies.settle(tx, remedy.id, status)
    return changed


def _of_refunds(statuses: set[str]) -> str:
    if statuses & {"failed", "canceled"}:
        return "failed"
    return "done" if statuses <= {"succeeded"} else "executing"


# --- shared -----------------------------------------------------------------------------------------------------------


def order_of(tx: Tx, order_id: str) -> Any:
    """The order without a lock, so that a preview can run on a reader."""
    row = tx.first(select(sales_order).where(sales_order.c.id == order_id))
    if row is None:
        raise NotFound("There is no such order.")
    return row


def impossible(code: str, text: str, path: str, **data: Any) -> Problem:
    return Problem(code, text, "stop", path, data)


def title_of(line: Any) -> str:
    return f"{line.title} {line.option_label}".rstrip()


def clean_reason(reason: str) -> str:
    trimmed = " ".join(reason.split())
    if not trimmed:
        raise Invalid("reason", "Say why: the reason is kept, and the customer can read it.")
    return trimmed[:300]


def tell_order(
    tx: Tx, order_id: str, kind: str, text: str, applied: Applied, conversation_id: str | None, *, resolves: bool
) -> None:
    data = {"remedy_id": applied.remedy_id, "cost_minor": applied.cost_minor}
    timeline.record(tx, [timeline.Happening(order_id, kind, text, data)])
    if conversation_id is not None and resolves:
        conversations.resolve(tx, conversation_id)
