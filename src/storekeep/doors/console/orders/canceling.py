"""Canceling from the order page: the exact effect beforehand, and the flow behind the button."""

from collections.abc import Mapping

from storekeep.doors.console.orders import acts
from storekeep.flows import cancel as flow
from storekeep.flows.telling import money
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Problem
from storekeep.shop.orders import adjustments
from storekeep.shop.payments import ledger, refunds
from storekeep.shop.payments.accounts import DEPOSITS
from storekeep.shop.reports.console_office.order_page import OrderPage
from storekeep.shop.support.model import MoneyPart, Preview


def preview(tx: Tx, found: OrderPage, units: Mapping[str, int], *, limit_minor: int | None) -> Preview:
    """What canceling these units would take off, give back and release, or why it cannot be done. Only reads.

    `limit_minor` is the most that this person may give back at once (None: no limit).
    """
    order, lines = found.order, {line.id: line for line in found.lines}
    problems = _problems(found, units)
    if problems:
        return Preview("cancel", order.id, order.currency, problems=tuple(problems))
    whole = all(line.canceled + units.get(line.id, 0) == line.ordered for line in found.lines)
    shares = adjustments.preview(tx, order.id, units, was_shipped=False, with_shipping=whole)
    owners = {part.id: lines.get(part.order_line_id) for part in found.parts}
    gross = sum(share.gross_minor for share in shares)
    held = -ledger.order_balance(tx, order.id, [DEPOSITS])[DEPOSITS]
    back = max(0, min(gross, held, refunds.refundable(tx, order.id)))
    if limit_minor is not None and back > limit_minor:
        text = (
            f"You may give back up to {money(limit_minor, order.currency)} at once; this is "
            f"{money(back, order.currency)}. Ask a colleague with a higher limit."
        )
        return Preview("cancel", order.id, order.currency, problems=(Problem("above_limit", text, "stop"),))
    parts = []
    for share in shares:
        line = owners.get(share.part_id or "")
        label = "Delivery" if line is None else f"{line.title} {line.option_label}".rstrip()
        parts.append(MoneyPart(label, share.units, share.net_minor, share.tax_minor, share.gross_minor))
    count = sum(units.values())
    effects = [
        f"{count} unit{'s' if count > 1 else ''} can be sold again",
        f"{money(gross, order.currency)} less is owed",
    ]
    if back:
        effects.append(f"{money(back, order.currency)} goes back the way it was paid")
    elif order.authorized_minor and whole:
        effects.append(
            f"{money(order.authorized_minor, order.currency)} that was set aside is given up; nothing is charged"
        )
    effects.append("A mail tells the customer")
    return Preview("cancel", order.id, order.currency, gross, back, 0, dict(units), tuple(parts), tuple(effects))


def cancel(tx: Tx, order_id: str, units: Mapping[str, int], reason: str, command_id: str) -> None:
    """Cancel the units, once per command."""
    flow.cancel_units(tx, order_id, units, reason=reason, command_id=command_id)


def _problems(found: OrderPage, units: Mapping[str, int]) -> list[Problem]:
    if why := acts.why_not_cancel(found):
        return [Problem("not_cancelable", why, "stop")]
    if not units:
        return [Problem("lines_missing", "Choose what to cancel.", path="lines")]
    problems = []
    for line in found.lines:
        left, wanted = acts.unsent(line), units.get(line.id, 0)
        if wanted > left:
            text = f"{line.title}: {left} can still be canceled, not {wanted}."
            problems.append(Problem("too_many_units", text, path=f"units_{line.position}", data={"left": left}))
    whole = all(line.canceled + units.get(line.id, 0) == line.ordered for line in found.lines)
    at_work = any(work.status in ("picking", "picked") and work.kind == "sale" for work in found.works)
    if at_work and not whole and not problems:
        text = "The warehouse is picking this order; cancel it whole, or wait for it to arrive."
        problems.append(Problem("picking", text, "stop"))
    return problems
