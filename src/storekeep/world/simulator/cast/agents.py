"""Agents: they answer conversations and cases, oldest first, with a remedy that fits what is wrong."""

import random
from typing import Any

from sqlalchemy import String, cast, func, select

from storekeep.flows import reply, resolve, returned_money, send_again, take_back
from storekeep.flows.resolve import RefundWish
from storekeep.kernel import queue
from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import StorekeepError
from storekeep.kernel.tables import outbox
from storekeep.shop.orders.tables import order_line
from storekeep.shop.payments.tables import refund
from storekeep.shop.shipping.tables import shipment
from storekeep.shop.support import conversations
from storekeep.shop.support.tables import conversation, message
from storekeep.world.simulator.play import Life, Rhythm

ANSWERS = {
    "damaged": "I am sorry that it arrived broken. The money for it is on its way back to you; please throw it away.",
    "wrong_item": "I am sorry, that was our mistake. Please send it back; you get the way to do so in a second mail.",
    "not_arrived": "I am sorry for the wait. I have put it right today; you get a second mail about it.",
    "other": "Thank you for writing. If it is about a return, you get the way to send it in a second mail.",
}


def answer(life: Life) -> None:
    """Take the oldest open conversations about orders, do something about each, and write back."""
    for row in life.read(lambda tx: _waiting(tx, life.play.rhythm, life.now)):
        try:
            _take(life, row)
        except StorekeepError as refusal:
            life.note(f"agents were told: {type(refusal).__name__}")
            life.write("agent", lambda tx, row=row: conversations.resolve(tx, row.id))  # type: ignore[misc]


def send_refunds_again(life: Life) -> None:
    """Refunds that the bank sent back, or refused, are tried once more; and so are errands to it that were given up."""
    _put_in_line_again(life)
    r = refund.c
    again = select(func.count()).where(outbox.c.key.like("refund:" + cast(r.id, String) + ":%")).scalar_subquery()
    query = select(r.id).where(r.status == "failed", again < 2).order_by(r.id).limit(20)
    for row in life.read(lambda tx: tx.rows(query)):

        def try_again(tx: Tx, refund_id: str = row.id) -> None:
            status = tx.scalar(select(r.status).where(r.id == refund_id))
            if status == "failed":
                returned_money.try_again(tx, refund_id)

        life.write("agent", try_again)
        life.note("refunds sent again")


def _put_in_line_again(life: Life) -> None:
    """Dead jobs about money that failed because nobody answered: what the button of the queues page is for."""
    o = outbox.c
    query = select(o.id).where(
        o.status == "dead", o.kind.startswith("payment."), o.last_error.startswith("the provider did not answer")
    )
    ids = [row.id for row in life.read(lambda tx: tx.rows(query.order_by(o.id).limit(20)))]
    if ids:
        life.note("jobs put in line again", life.write("agent", lambda tx: queue.revive(tx, outbox, ids)))


def _waiting(tx: Tx, rhythm: Rhythm, now: Instant) -> Any:
    c = conversation.c
    query = select(conversation).where(c.status == "open", c.order_id.is_not(None))
    if rhythm.agents_after:
        query = query.where(c.updated_at < now - rhythm.agents_after)
    return tx.rows(query.order_by(c.id).limit(rhythm.agents_batch))


def _take(life: Life, row: Any) -> None:
    if row.kind == "case":
        ended = life.write("agent", lambda tx: _end_case(tx, row))
    else:
        command = f"agent answers {row.id} {row.version}"
        life.write(
            "agent", lambda tx: reply.agent_replies(tx, row.id, ANSWERS[row.reason], command, row.version)
        )
        ended = life.write("agent", lambda tx: _put_right(tx, row))
        if ended in {"nothing", "return"}:
            life.write("agent", lambda tx: conversations.resolve(tx, row.id))
    life.note(f"{row.kind} {row.reason}: {ended}")


def _put_right(tx: Tx, row: Any) -> str:
    """The remedy for what a customer wrote; returns its name."""
    sent = _sent(tx, row.order_id)
    first = next((line_id for line_id, left in sent.items() if left > 0), None)
    command = f"agent puts right {row.id}"
    if first is None:
        return "nothing"
    if row.reason == "damaged":
        return _refund(tx, row, {first: 1}, command)
    if row.reason == "not_arrived":
        return _make_good(tx, row, sent, command)
    if row.reason == "other" and not _wants_to_return(tx, row.id):
        return "nothing"
    units = {first: 1} if _dice(row).random() < 0.5 else {line_id: left for line_id, left in sent.items() if left > 0}
    take_back.approve_return(
        tx, row.order_id, units, reason=row.reason.replace("_", " "), command_id=command, conversation_id=row.id
    )
    return "return"


def _wants_to_return(tx: Tx, conversation_id: str) -> bool:
    """Whether the customer's first letter is about sending something back."""
    m = message.c
    query = select(m.body).where(m.conversation_id == conversation_id, m.direction == "in").order_by(m.id).limit(1)
    said = str(tx.scalar(query) or "").casefold()
    return "send" in said and "back" in said


def _end_case(tx: Tx, row: Any) -> str:
    """A case that the shop opened itself: about a parcel that came after all there is nothing to do."""
    s = shipment.c
    came = row.shipment_id and tx.scalar(select(s.delivered_at).where(s.id == row.shipment_id))
    ended = "came after all"
    if not came and row.reason in {"not_arrived", "damaged"}:
        ended = _make_good(tx, row, _sent(tx, row.order_id), f"agent ends case {row.id}")
    elif not came:
        ended = "seen"
    conversations.resolve(tx, row.id)
    return ended


def _make_good(tx: Tx, row: Any, sent: dict[str, int], command: str) -> str:
    """Send everything again while it is there, else, or when they would rather have it, give the money back."""
    units = {line_id: left for line_id, left in sent.items() if left > 0}
    if not units:
        return "nothing"
    wants_money = _dice(row).random() < 0.3
    if wants_money or send_again.preview_reship(tx, row.order_id, units).problems:
        return _refund(tx, row, units, command)
    send_again.reship(tx, row.order_id, units, reason="not arrived", command_id=command, conversation_id=row.id)
    return "reship"


def _refund(tx: Tx, row: Any, units: dict[str, int], command: str) -> str:
    """Give the money for units back, and for every other customer that of the delivery, where there is any."""
    wish = RefundWish(units=units)
    if _dice(row).getrandbits(1):
        more = RefundWish(units=units, with_delivery=True)
        wish = wish if resolve.preview_refund(tx, row.order_id, more).problems else more
    why = row.reason.replace("_", " ")
    resolve.refund(tx, row.order_id, wish, reason=why, command_id=command, conversation_id=row.id)
    return "refund"


def _dice(row: Any) -> random.Random:
    """What a customer would rather have hangs on the conversation alone, so that asking again changes nothing."""
    return random.Random(f"what {row.id} wants")  # noqa: S311 - a game, no secret


def _sent(tx: Tx, order_id: str) -> dict[str, int]:
    """Units of each line that were sent and neither refunded, replaced nor returned yet."""
    query = order_line.select().where(order_line.c.order_id == order_id).order_by(order_line.c.position)
    return {
        line.id: line.fulfilled - max(line.refunded, line.returned) - line.replaced for line in tx.rows(query)
    }
