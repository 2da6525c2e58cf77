"""Putting an order right: choose, see exactly what it would do and cost, confirm. Four kinds, one page.

The preview is a plain GET, so it changes nothing and can be looked at as often as one likes. The confirmation carries
what was seen; when the effect is another one by then, it is shown again instead of done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from storekeep.doors.console.frame import Staff, changing, command_id, new_command, reading, sentence
from storekeep.doors.console.orders import acts, canceling
from storekeep.doors.console.orders.detail import number_of
from storekeep.doors.console.orders.listing import URL
from storekeep.doors.web import Fields, Form, Problem, Req, page, redirect
from storekeep.flows import resolve, send_again, take_back
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Refused
from storekeep.shop.orders import adjustments
from storekeep.shop.reports.console_office import order_page, people
from storekeep.shop.reports.console_office.order_page import OrderPage
from storekeep.shop.support import remedies
from storekeep.shop.support.model import REASONS, Preview


@dataclass(frozen=True, slots=True)
class Kind:
    """One remedy: its words, which units it can take, and the permission for it."""

    title: str
    confirm: str
    done: str
    units_label: str
    permission: str


KINDS = {
    "cancel": Kind("Cancel", "Cancel these units", "Canceled.", "To cancel", "orders.change"),
    "refund": Kind("Refund", "Refund", "The refund is on its way.", "To refund", "orders.refund"),
    "reship": Kind("Send again", "Send again", "The warehouse has its work.", "To send again", "orders.change"),
    "return": Kind("Start a return", "Agree to the return", "The customer gets instructions by mail.", "To come back",
                   "orders.change"),
}  # fmt: skip
_LEFT = {
    "cancel": acts.unsent,
    "refund": acts.refundable,
    "reship": acts.resendable,
    "return": acts.returnable,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What was chosen on the page."""

    units: Mapping[str, int]
    with_delivery: bool
    goodwill_minor: int
    is_whole: bool

    @property
    def is_empty(self) -> bool:
        return not (self.units or self.with_delivery or self.goodwill_minor or self.is_whole)


def show(req: Req, me: Staff) -> Response:
    """The form, and with `show=1` the exact effect of what was chosen beside it."""
    kind = _kind(req, me)
    with reading(req) as tx:
        found = _found(tx, number_of(req))
        talk = _talk(tx, req.query.get("conversation", ""), found.order.id)
        form = Fields(Form(req.query_lists))
        preview = None
        if req.query.get("show") == "1":
            wish = _wish(form, found, kind)
            preview = _preview(tx, found, kind, wish, me) if not form.errors else None
            if wish.is_whole:
                form = Fields.of(_prefilled(found, kind, talk) | {"whole": "1", "delivery": "1"})
        elif not any(name.startswith("units_") for name in req.query_lists):
            form = Fields.of(_prefilled(found, kind, talk))
    return _page(req, found, kind, form, preview, talk, status=422 if form.errors else 200)


def confirm(req: Req, me: Staff) -> Response:
    """Do what was shown, once per command; what changed meanwhile is shown again."""
    kind, number, command = _kind(req, me), number_of(req), command_id(req)
    form = Fields(req.form)
    reason = form.text("reason", 300, label="Why")
    with changing(req, me) as tx:
        found = _found(tx, number)
        talk = _talk(tx, req.form.get("conversation"), found.order.id)
        wish = _wish(form, found, kind)
        if not form.errors and _done_before(tx, kind, found.order.id, command):
            return _back(req, found, kind, talk)
        preview = _preview(tx, found, kind, wish, me) if not form.errors else None
        as_seen = preview is not None and seen_mark(preview) == req.form.get("seen")
        if preview is not None and preview.is_possible and as_seen:
            try:
                _do(tx, found, kind, wish, reason, command, me, talk)
            except Refused as refused:
                raise Problem(409, sentence(str(refused))) from refused
            return _back(req, found, kind, talk)
    if preview is not None and preview.is_possible:
        form.fail("seen", "The effect is another one now than the one you saw. Look at it again and confirm.")
        return _page(req, found, kind, form, preview, talk, status=409)
    return _page(req, found, kind, form, preview, talk, status=422)


def seen_mark(preview: Preview) -> str:
    """What identifies an effect: its sums and units. The confirmation must name the one that was seen."""
    units = ",".join(f"{line_id}:{count}" for line_id, count in sorted(preview.units.items()))
    return f"{preview.amount_minor}.{preview.money_back_minor}.{preview.cost_minor}.{units}"


def _kind(req: Req, me: Staff) -> str:
    kind = req.path_params["kind"]
    if kind not in KINDS:
        raise Problem(404, "There is no such remedy.")
    if not me.may(KINDS[kind].permission):
        what = "give money back" if kind == "refund" else "change orders"
        raise Problem(403, f"Your role does not include this: {what}.")
    return kind


def _found(tx: Tx, number: int) -> OrderPage:
    found = order_page.load(tx, number)
    if found is None:
        raise Problem(404, "There is no order with this number.")
    return found


def _talk(tx: Tx, text: str, order_id: str) -> Any | None:
    """The conversation that the remedy belongs to; one about another order is ignored."""
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        return None
    row = people.conversation_by_number(tx, int(text))
    return row if row is not None and row.order_id == order_id else None


def _prefilled(found: OrderPage, kind: str, talk: Any | None) -> dict[str, str]:
    """All that can be taken, so that the whole is one click and a part is a smaller number."""
    units = {f"units_{line.position}": str(_LEFT[kind](line)) for line in found.lines}
    return units | {"reason": reason_of(talk), "delivery": "", "goodwill": ""}


def reason_of(talk: Any | None) -> str:
    """The customer's own reason in the shop's words, as a beginning."""
    if talk is None or talk.reason not in REASONS or talk.reason == "other":
        return ""
    return {"wrong_item": "Wrong item", "damaged": "Damaged", "not_arrived": "Not arrived"}.get(talk.reason, "")


def _wish(form: Fields, found: OrderPage, kind: str) -> Wish:
    is_whole = kind in ("refund", "cancel") and form.checked("whole")
    goodwill = 0
    if kind == "refund" and form.value("goodwill").strip():
        goodwill = form.money("goodwill", found.order.currency, label="Goodwill", minimum=0, required=False)
    if goodwill and not is_whole:
        return Wish({}, False, goodwill, False)
    units = {}
    for line in found.lines:
        name = f"units_{line.position}"
        if is_whole or not form.value(name).strip():
            continue
        count = form.integer(name, label=line.title, minimum=0, maximum=1_000_000)
        if count:
            units[line.id] = count
    return Wish(units, kind == "refund" and form.checked("delivery"), 0, is_whole)


def _preview(tx: Tx, found: OrderPage, kind: str, wish: Wish, me: Staff) -> Preview:
    order_id = found.order.id
    try:
        if kind == "cancel":
            return canceling.preview(tx, found, _to_cancel(found, wish), limit_minor=_limit(me))
        if kind == "refund":
            return resolve.preview_refund(tx, order_id, _refund_wish(wish), limit_minor=_limit(me))
        if kind == "reship":
            return send_again.preview_reship(tx, order_id, wish.units)
        return take_back.preview_return(tx, order_id, wish.units)
    except Refused as refused:
        return Preview(kind, order_id, found.order.currency, problems=refused.problems)


def _do(
    tx: Tx, found: OrderPage, kind: str, wish: Wish, reason: str, command: str, me: Staff, talk: Any | None
) -> None:
    order_id, talk_id = found.order.id, talk.id if talk is not None else None
    if kind == "cancel":
        canceling.cancel(tx, order_id, _to_cancel(found, wish), reason, command)
    elif kind == "refund":
        resolve.refund(tx, order_id, _refund_wish(wish), reason=reason, command_id=command, limit_minor=_limit(me),
                       conversation_id=talk_id)  # fmt: skip
    elif kind == "reship":
        send_again.reship(tx, order_id, wish.units, reason=reason, command_id=command, conversation_id=talk_id)
    else:
        take_back.approve_return(tx, order_id, wish.units, reason=reason, command_id=command, conversation_id=talk_id)


def _done_before(tx: Tx, kind: str, order_id: str, command: str) -> bool:
    if kind == "cancel":
        return adjustments.find(tx, command) is not None
    return remedies.find(tx, command, kind, order_id) is not None


def _to_cancel(found: OrderPage, wish: Wish) -> dict[str, int]:
    if wish.is_whole:
        return {line.id: acts.unsent(line) for line in found.lines if acts.unsent(line)}
    return dict(wish.units)


def _refund_wish(wish: Wish) -> resolve.RefundWish:
    if wish.is_whole:
        return resolve.RefundWish(is_whole=True)
    return resolve.RefundWish(wish.units, wish.with_delivery, wish.goodwill_minor)


def _limit(me: Staff) -> int | None:
    return None if me.role == "owner" else me.refund_limit_minor


def _back(req: Req, found: OrderPage, kind: str, talk: Any | None) -> Response:
    url = f"/console/conversations/{talk.number}" if talk is not None else f"{URL}/{found.order.number}"
    return redirect(req, url, notice=KINDS[kind].done)


def _page(
    req: Req, found: OrderPage, kind: str, form: Fields, preview: Preview | None, talk: Any | None, *, status: int
) -> Response:
    shown = preview
    if preview is not None:
        problems = [replace(problem, text=sentence(problem.text)) for problem in preview.problems]
        shown = replace(preview, problems=tuple(problems), effects=tuple(sentence(text) for text in preview.effects))
    context = {
        "order": found.order,
        "kind": kind,
        "words": KINDS[kind],
        "lines": [(line, _LEFT[kind](line)) for line in found.lines],
        "form": form,
        "preview": shown,
        "seen": seen_mark(preview) if preview is not None else "",
        "talk": talk,
        "command_id": req.form.get("command_id") or new_command(req),
        "reason": form.value("reason") or reason_of(talk),
    }
    return page(req, "console/orders/remedy.html", context, status=status)
