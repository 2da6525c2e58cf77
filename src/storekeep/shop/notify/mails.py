"""The mail row and its way into the outbox: written with the change that causes it, sent afterwards."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update

from storekeep.kernel import audit, outbox, prepared
from storekeep.kernel.bulk import among, listed
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid, NotFound
from storekeep.shop import site
from storekeep.shop.customers import clean_email
from storekeep.shop.notify.compose import one_line
from storekeep.shop.notify.tables import mail, mail_attachment

KIND, LANE = "mail.send", "mail"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to send with a mail; its media type is like application/pdf."""

    filename: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class MailDraft:
    """A mail to send once. `key` names its cause ("order:<id>:confirmation"); the second mail of a key is the first."""

    key: str
    template: str
    to_address: str
    subject: str
    body_text: str
    order_id: str | None = None
    conversation_id: str | None = None
    attachments: tuple[Attachment, ...] = ()


def queue(tx: Tx, drafts: Sequence[MailDraft]) -> list[str]:
    """Write mails with their outbox rows and return the ids in order; a key that exists gives its first mail's id.

    Raises `Invalid` at `to_address` for what is no address.
    """
    if not drafts:
        return []
    query = prepared.rows_of(mail, "key", "key", "id")
    known = {row.key: row.id for row in tx.rows(query, {"wanted": [draft.key for draft in drafts]})}
    domain = site.load(tx).mail_domain
    rows, files = [], []
    for draft in drafts:
        if draft.key not in known:
            row = _row(tx, draft, domain)
            known[draft.key] = row["id"]
            rows.append(row)
            files += _files(tx, row["id"], draft.attachments)
    tx.insert_many(mail, rows)
    if files:
        tx.insert_many(mail_attachment, files)
    outbox.send_new(tx, [_message(row) for row in rows])
    return [known[draft.key] for draft in drafts]


def is_known(tx: Tx, key: str) -> bool:
    """Whether a mail of this cause was written."""
    return tx.scalar(select(mail.c.id).where(mail.c.key == key)) is not None


def resend(tx: Tx, mail_id: str, command_id: str, to_address: str | None = None) -> str:
    """Send a mail again as a new mail, to another address if one is given; returns its id. Audited.

    Idempotent by `command_id`. Raises `NotFound`, or `Invalid` at `to_address`.
    """
    old = tx.first(select(mail).where(mail.c.id == mail_id))
    if old is None:
        raise NotFound("There is no such mail.")
    key = f"resend:{mail_id}:{command_id}"
    before = tx.scalar(select(mail.c.id).where(mail.c.key == key))
    if before is not None:
        return str(before)
    address = to_address or old.to_address
    files = tuple(attachments_of(tx, [mail_id]).get(mail_id, ()))
    draft = MailDraft(key, old.template, address, old.subject, old.body_text, old.order_id, old.conversation_id, files)
    fresh = queue(tx, [draft])[0]
    audit.record(tx, [audit.Entry("mail.resent", "mail", fresh, {"mail_id": mail_id}, {"to_address": address})])
    return fresh


def attachments_of(tx: Tx, mail_ids: Sequence[str]) -> dict[str, list[Attachment]]:
    """The files of each mail that has any, in their order."""
    found: dict[str, list[Attachment]] = {}
    for row in tx.rows(prepared.rows_of(mail_attachment, "mail_id", order=("mail_id", "n")), {"wanted": mail_ids}):
        file = Attachment(row.filename, row.media_type, base64.b64decode(row.body_base64))
        found.setdefault(row.mail_id, []).append(file)
    return found


def _files(tx: Tx, mail_id: str, attachments: Sequence[Attachment]) -> list[dict[str, Any]]:
    return [
        {"id": tx.new_id(), "mail_id": mail_id, "n": n, "filename": one_line(each.filename),
         "media_type": each.media_type, "body_base64": base64.b64encode(each.body).decode("ascii")}
        for n, each in enumerate(attachments, start=1)
    ]  # fmt: skip


_SENT = (
    update(mail)
    .where(among(mail.c.id, listed("ids")), mail.c.status != "sent")
    .values(status="sent", sent_at=bindparam("now"), last_error=None)
)


def mark_sent(tx: Tx, mail_ids: Sequence[str]) -> None:
    """Note that mails went out. One that is sent already keeps its time."""
    tx.run(_SENT, {"ids": list(mail_ids), "now": tx.now})


def mark_failed(tx: Tx, mail_id: str, error: str, *, for_good: bool) -> None:
    """Note why a mail did not go out; it stays queued unless it failed for good. A sent one stays sent."""
    values = {"status": "failed" if for_good else "queued", "last_error": one_line(error)}
    tx.run(update(mail).where(mail.c.id == mail_id, mail.c.status != "sent").values(values))


def _row(tx: Tx, draft: MailDraft, domain: str) -> dict[str, Any]:
    if not draft.subject.strip():
        raise Invalid("subject", "A mail needs a subject.")
    mail_id = tx.new_id()
    return {
        "id": mail_id,
        "key": draft.key,
        "template": draft.template,
        "to_address": clean_email(draft.to_address, "to_address"),
        "subject": one_line(draft.subject),
        "body_text": draft.body_text,
        "message_id": f"<{mail_id}@{domain}>",
        "order_id": draft.order_id,
        "conversation_id": draft.conversation_id,
        "status": "queued",
        "last_error": None,
        "created_at": tx.now,
        "sent_at": None,
    }


def _message(row: dict[str, Any]) -> outbox.Message:
    return outbox.Message(KIND, f"mail:{row['id']}", {"mail_id": row["id"]}, lane=LANE, subject_id=row["order_id"])
