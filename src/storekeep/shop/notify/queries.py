"""Reads for the sent mail page: all mails newest first, and one. SELECT only."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, or_, select

from storekeep.kernel.db import Tx
from storekeep.shop.notify.tables import mail


@dataclass(frozen=True, slots=True)
class MailPage:
    """One page of mails without their bodies; `next_after` is the last id, None on the last page."""

    rows: tuple[Row[Any], ...]
    next_after: str | None


def listed(
    tx: Tx,
    *,
    status: str | None = None,
    order_id: str | None = None,
    text: str = "",
    after: str | None = None,
    limit: int = 50,
) -> MailPage:
    """Mails newest first. `text` is looked for in address and subject; `after` is the id of the last mail seen."""
    shown = [column for column in mail.c if column.name != "body_text"]
    query = select(*shown).order_by(mail.c.id.desc()).limit(limit + 1)
    if status:
        query = query.where(mail.c.status == status)
    if order_id is not None:
        query = query.where(mail.c.order_id == order_id)
    if text.strip():
        word = text.strip()
        query = query.where(
            or_(mail.c.to_address.icontains(word, autoescape=True), mail.c.subject.icontains(word, autoescape=True))
        )
    if after is not None:
        query = query.where(mail.c.id < after)
    rows = tx.rows(query)
    return MailPage(tuple(rows[:limit]), rows[limit - 1].id if len(rows) > limit else None)


def one(tx: Tx, mail_id: str) -> Row[Any] | None:
    """A mail with its body."""
    return tx.first(select(mail).where(mail.c.id == mail_id))
