"""The way out: a `Mailer` sends one mail, outside any transaction. The demo's keeps them all at home."""

import hashlib
import smtplib  # lint: allow network: the mailer is a port of this package
import ssl  # lint: allow network: the mailer is a port of this package
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any, Literal, Protocol

from storekeep.kernel import prepared
from storekeep.kernel.clock import DAY, HOUR, SECOND, Instant, to_datetime
from storekeep.kernel.db import Database, refuse_inside_transaction
from storekeep.kernel.queue import Again, Dead, Done, Outcome
from storekeep.shop import site
from storekeep.shop.notify import mails
from storekeep.shop.notify.compose import one_line
from storekeep.shop.notify.tables import mail

#: So long a mail server may say "later" before that counts against the mail, as other mail servers do it.
PATIENCE: Instant = 4 * DAY


#: How many mails may have gone outside before that is written down.
NOTED_TOGETHER = 8


class MailNotSent(Exception):
    """The mail may go out later: no connection, a busy server, a wrong log-in of ours."""


class MailRefused(Exception):
    """The mail will never go out: the other side does not know the address, or wants no such mail."""


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """Everything that a mailer needs. The message id stays the same over retries, so a copy can be recognised."""

    message_id: str
    from_name: str
    from_address: str
    to_address: str
    subject: str
    body_text: str
    written_at: Instant
    is_automatic: bool
    attachments: tuple[mails.Attachment, ...] = ()


class Mailer(Protocol):
    """Sends one mail, or raises `MailNotSent` or `MailRefused`."""

    def send(self, outgoing: OutgoingMail) -> None: ...


class DemoMailer:
    """Sends nothing outside. The mail can be read on the sent mail page, marked as sent."""

    def send(self, outgoing: OutgoingMail) -> None:
        refuse_inside_transaction()


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Hands mails to an SMTP server, over TLS from the start or by STARTTLS; `none` is for a server on this machine."""

    host: str
    port: int = 587
    username: str = ""
    password: str = ""
    security: Literal["starttls", "tls", "none"] = "starttls"
    timeout_s: float = 20.0

    def send(self, outgoing: OutgoingMail) -> None:
        """Send one mail. Raises `MailNotSent` or `MailRefused`."""
        refuse_inside_transaction()
        message = build(outgoing)
        try:
            with self._connect() as server:
                if self.security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if self.username:
                    server.login(self.username, self.password)
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _failure(code, text) from error
        except smtplib.SMTPAuthenticationError as error:
            raise MailNotSent(f"The mail server does not accept the log-in: {error.smtp_code}") from error
        except smtplib.SMTPResponseException as error:
            raise _failure(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailNotSent(f"The mail server {self.host} could not be used: {error}") from error

    def _connect(self) -> smtplib.SMTP:
        if self.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_s, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)


def build(outgoing: OutgoingMail) -> EmailMessage:
    """The message with its headers and files; a line break in a header is impossible. Same mail, same bytes."""
    message = EmailMessage()
    message["Message-ID"] = outgoing.message_id
    message["Date"] = format_datetime(to_datetime(outgoing.written_at))
    message["From"] = formataddr((one_line(outgoing.from_name), outgoing.from_address))
    message["To"] = outgoing.to_address
    message["Subject"] = one_line(outgoing.subject)
    if outgoing.is_automatic:
        message["Auto-Submitted"] = "auto-generated"
    message.set_content(outgoing.body_text)
    for file in outgoing.attachments:
        kind, _, sub = file.media_type.partition("/")
        message.add_attachment(file.body, maintype=kind, subtype=sub, filename=file.filename)
    if outgoing.attachments:  # the library would draw one by chance
        message.set_boundary(f"=_{hashlib.sha256(outgoing.message_id.encode()).hexdigest()[:32]}")
    return message


def deliver(db: Database, mailer: Mailer, mail_id: str) -> Outcome:
    """Send a queued mail and note what became of it: the handler of `mail.send`. A sent mail is not sent again."""
    return deliver_many(db, mailer, [mail_id])[0]


def deliver_many(db: Database, mailer: Mailer, mail_ids: Sequence[str]) -> list[Outcome]:
    """Send queued mails, read in one statement. Those that went outside are noted a few at a time, so that whatever
    happens next sends those few at most once more; those that stayed at home are noted together."""
    with db.read() as tx:
        rows = {row.id: row for row in tx.rows(prepared.rows_of(mail, "id"), {"wanted": list(mail_ids)})}
        profile = site.load(tx)
        files = mails.attachments_of(tx, list(rows))
    few = len(mail_ids) if isinstance(mailer, DemoMailer) else NOTED_TOGETHER
    outcomes: dict[str, Outcome] = {}
    sent: list[str] = []
    try:
        for mail_id in dict.fromkeys(mail_ids):
            row = rows.get(mail_id)
            if row is None:
                outcomes[mail_id] = Dead("there is no such mail")
                continue
            outcomes[mail_id] = Done()
            if row.status == "sent":
                continue
            answer = _send(db, mailer, row, profile.name, profile.sender, files.get(mail_id, ()))
            if answer is not None:
                outcomes[mail_id] = answer
                continue
            sent.append(mail_id)
            if len(sent) >= few:
                sent = _note(db, sent)
    finally:
        _note(db, sent)
    return [outcomes[mail_id] for mail_id in mail_ids]


def _note(db: Database, sent: Sequence[str]) -> list[str]:
    """Mark mails as sent; returns the empty list of those still to be noted."""
    if sent:
        with db.begin(actor="worker") as tx:
            mails.mark_sent(tx, sent)
    return []


def _send(
    db: Database, mailer: Mailer, row: Any, name: str, sender: str, files: Sequence[mails.Attachment]
) -> Outcome | None:
    """Hand one mail to the mailer; None when it took it, else what becomes of the job, and the mail says why."""
    outgoing = OutgoingMail(
        row.message_id, name, sender, row.to_address, row.subject, row.body_text, row.created_at,
        row.template != "agent_reply", tuple(files),
    )  # fmt: skip
    try:
        mailer.send(outgoing)
    except MailNotSent as error:
        with db.begin(actor="worker") as tx:
            mails.mark_failed(tx, row.id, str(error), for_good=False)
            age = tx.now - row.created_at
            # The older the mail, the longer the wait: from seconds up to an hour.
            return Again(str(error), tx.now + min(HOUR, max(10 * SECOND, age)), counts=age > PATIENCE)
    except MailRefused as error:
        with db.begin(actor="worker") as tx:
            mails.mark_failed(tx, row.id, str(error), for_good=True)
        return Dead(str(error))
    return None


def _failure(code: int, text: bytes | str) -> Exception:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    reason = one_line(f"The mail server said {code} {words}")
    return MailRefused(reason) if code >= 500 else MailNotSent(reason)
