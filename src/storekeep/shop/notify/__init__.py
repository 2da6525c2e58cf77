"""Owns every mail that the shop writes: its words, its row, and the way out through a `Mailer`.

It never decides that something is told to someone; flows do, with the facts. A mail is queued in the transaction that
causes it and sent afterwards by a worker.
"""

from storekeep.shop.notify.compose import TEMPLATES, MissingFact, compose
from storekeep.shop.notify.mails import MailDraft, mark_failed, mark_sent, queue, resend
from storekeep.shop.notify.sender import DemoMailer, Mailer, OutgoingMail, SmtpMailer, deliver

__all__ = [
    "TEMPLATES",
    "DemoMailer",
    "MailDraft",
    "Mailer",
    "MissingFact",
    "OutgoingMail",
    "SmtpMailer",
    "compose",
    "deliver",
    "mark_failed",
    "mark_sent",
    "queue",
    "resend",
]
