"""What a conversation's page shows: messages and notes in one thread, and the remedies with their price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storekeep.doors.console.frame import Staff
from storekeep.doors.console.orders import acts
from storekeep.doors.console.orders.view import people
from storekeep.flows import resolve, send_again
from storekeep.flows.telling import money
from storekeep.kernel.db import Tx
from storekeep.shop.reports.console_office.order_page import OrderPage


@dataclass(frozen=True, slots=True)
class Said:
    """One message or note; `kind` is in, out or note."""

    kind: str
    who: str
    at: int
    body: str
    mail_id: str | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A remedy to choose: what it gives and costs in words, and the page that shows its exact effect."""

    label: str
    effect: str
    url: str
    icon: str
    why_not: str = ""


def thread(talk: Any, said: Sequence[Any], names: Mapping[str, str]) -> list[Said]:
    """Messages and notes as they were written."""
    made = []
    for row in said:
        who = talk.name if row.direction == "in" else people(row.author, names)
        made.append(Said(row.direction, who, row.written_at, row.body, getattr(row, "mail_id", None)))
    return made


def offers(tx: Tx, found: OrderPage, talk: Any, me: Staff) -> list[Offer]:
    """The remedies for the whole order with their price beside them, and for single lines the way to choose.

    Each leads to a page that shows the exact effect before anything is done.
    """
    base = f"/console/orders/{found.order.number}/remedies"
    tail = f"conversation={talk.number}"
    role = "" if me.may("orders.change") else "Your role does not include changing orders."
    money_role = "" if me.may("orders.refund") else "Your role does not include giving money back."
    no_refund = money_role or acts.why_not_refund(found)
    no_reship, no_return = role or acts.why_not_reship(found), role or acts.why_not_return(found)
    made = [
        _whole_refund(tx, found, f"{base}/refund?show=1&whole=1&{tail}", no_refund, me),
        Offer(
            "Refund a part",
            "Units of lines, the delivery, or a free amount",
            f"{base}/refund?{tail}",
            "card",
            no_refund,
        ),
        _all_again(tx, found, base, tail, no_reship),
        Offer("Start a return", "The customer gets instructions", f"{base}/return?{tail}", "return", no_return),
    ]
    if not acts.why_not_cancel(found):
        made.append(Offer("Cancel", "What was not sent yet", f"{base}/cancel?{tail}", "close", role))
    return made


def _whole_refund(tx: Tx, found: OrderPage, url: str, why_not: str, me: Staff) -> Offer:
    label = "Refund everything"
    if why_not:
        return Offer(label, "", url, "card", why_not)
    limit = None if me.role == "owner" else me.refund_limit_minor
    seen = resolve.preview_refund(tx, found.order.id, resolve.RefundWish(is_whole=True), limit_minor=limit)
    effect = f"{money(seen.amount_minor, seen.currency)} to the customer"
    return Offer(label, effect, url, "card", seen.problems[0].text if seen.problems else "")


def _all_again(tx: Tx, found: OrderPage, base: str, tail: str, why_not: str) -> Offer:
    label, url = "Send again", f"{base}/reship?{tail}"
    if why_not:
        return Offer(label, "", url, "box", why_not)
    units = {line.id: acts.resendable(line) for line in found.lines if acts.resendable(line)}
    seen = send_again.preview_reship(tx, found.order.id, units)
    if seen.problems:
        return Offer(label, "Not everything is in stock; choose units", url, "box")
    wanted = "&".join(f"units_{line.position}={units[line.id]}" for line in found.lines if line.id in units)
    return Offer(
        label, f"Costs about {money(seen.cost_minor, seen.currency)}", f"{base}/reship?show=1&{wanted}&{tail}", "box"
    )
