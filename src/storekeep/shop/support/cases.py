"""Cases: problems that the shop found itself, one conversation for each, opened once however often they are found."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from storekeep.kernel import lifecycle, numbers
from storekeep.kernel.db import Tx
from storekeep.shop.support.states import CONVERSATION
from storekeep.shop.support.tables import conversation


@dataclass(frozen=True, slots=True)
class NewCase:
    """A problem to look at. `case_key` makes it unique for ever; email and name are the customer's."""

    case_key: str
    reason: str
    subject: str
    order_id: str | None
    shipment_id: str | None
    email: str
    name: str


def open_cases(tx: Tx, wanted: Sequence[NewCase]) -> list[str]:
    """Open a conversation of kind case for each key that is new; returns the ids of the new ones, in order."""
    keys = sorted({case.case_key for case in wanted})
    c = conversation.c
    known = {row.case_key for row in tx.rows(select(c.case_key).where(c.case_key.in_(keys)))} if keys else set()
    fresh = list({case.case_key: case for case in wanted if case.case_key not in known}.values())
    rows = [
        {
            "id": tx.new_id(),
            "number": number,
            "kind": "case",
            "reason": case.reason,
            "subject": case.subject,
            "order_id": case.order_id,
            "shipment_id": case.shipment_id,
            "email": case.email,
            "name": case.name,
            "status": CONVERSATION.initial,
            "assignee_id": None,
            "case_key": case.case_key,
            "version": 1,
            "created_at": tx.now,
            "updated_at": tx.now,
            "waiting_since": tx.now,
        }
        for case, number in zip(fresh, numbers.take(tx, "conversation", len(fresh)), strict=True)
    ]
    tx.insert_many(conversation, rows)
    ids = [str(row["id"]) for row in rows]
    lifecycle.begin(tx, CONVERSATION, ids)
    return ids
