"""Agents: they answer the oldest conversation and put it right with a remedy that fits the reason."""

from typing import Any

from sqlalchemy import select

from storekeep.flows import reply, resolve, send_again, take_back
from storekeep.flows.resolve import RefundWish
from storekeep.kernel.db import Tx
from storekeep.shop.orders.tables import order_line
from storekeep.shop.support.tables import conversation
from storekeep.world.simulator.actors import Stage

_ANSWERS = {
    "damaged": "I am sorry that it arrived broken. The money for it is on its way back to you; please throw it away.",
    "wrong_item": "I am sorry, that was our mistake. Please send it back; you get the way to do so in a second mail.",
    "not_arrived": "I am sorry for the wait. We have sent everything again today.",
    "other": "Thank you for writing. I have passed it on to the colleagues who can change it.",
}


def answer(stage: Stage) -> None:
    """Take the oldest open conversation about an order, do something about it, and write back."""
    with stage.house.db.read() as tx:
        c = conversation.c
        query = select(conversation).where(c.status == "open", c.kind == "customer", c.order_id.is_not(None))
        row = tx.first(query.order_by(c.id).limit(1))
    if row is None:
        return
    with stage.house.db.begin(actor="agent") as tx:
        reply.agent_replies(tx, row.id, _ANSWERS[row.reason], f"agent answers {row.id}", row.version)
    with stage.house.db.begin(actor="agent") as tx:
        _put_right(tx, row)


def _put_right(tx: Tx, row: Any) -> None:
    lines = tx.rows(order_line.select().where(order_line.c.order_id == row.order_id).order_by(order_line.c.position))
    sent = {line.id: line.fulfilled - line.refunded - line.replaced for line in lines}
    first = next((line_id for line_id, left in sent.items() if left > 0), None)
    if first is None:
        return
    command = f"agent puts right {row.id}"
    if row.reason == "damaged":
        wish = RefundWish(units={first: 1})
        resolve.refund(tx, row.order_id, wish, reason="damaged", command_id=command, conversation_id=row.id)
    elif row.reason == "not_arrived":
        left = {line_id: units for line_id, units in sent.items() if units}
        send_again.reship(tx, row.order_id, left, reason="not arrived", command_id=command, conversation_id=row.id)
    elif row.reason == "wrong_item":
        take_back.approve_return(
            tx, row.order_id, {first: 1}, reason="wrong item", command_id=command, conversation_id=row.id
        )
