"""Who does what: the map from kinds of outbox and inbox rows to handlers.

The worker, the web request that waits for an answer and the simulator all use this one map.
"""

from collections.abc import Callable, Sequence
from functools import partial

from storekeep.flows import collect, confirm, labels, returned_money, settle, tracking
from storekeep.flows.services import Services
from storekeep.kernel.queue import Job, Outcome
from storekeep.kernel.worker import BatchHandler, Handler
from storekeep.shop.notify import sender


def send_mail(services: Services, job: Job) -> Outcome:
    """Outbox `mail.send`: hand a mail to the mailer."""
    return sender.deliver(services.db, services.mailer, job.body["mail_id"])


def send_mails(services: Services, jobs: Sequence[Job]) -> list[Outcome]:
    """Several `mail.send` at once."""
    return sender.deliver_many(services.db, services.mailer, [job.body["mail_id"] for job in jobs])


def buy_label(services: Services, job: Job) -> Outcome:
    """Outbox `label.buy`: buy a label from its carrier."""
    return labels.buy_label(services.db, services.carriers, job, slip=services.slip)


def buy_labels(services: Services, jobs: Sequence[Job]) -> list[Outcome]:
    """Several `label.buy` at once."""
    return labels.buy_labels(services.db, services.carriers, jobs, slip=services.slip)


def void_label(services: Services, job: Job) -> Outcome:
    """Outbox `label.void`: hand an unused label back."""
    return labels.void_label(services.db, services.carriers, job)


def fold_scan(services: Services, job: Job) -> Outcome:
    """Inbox `carrier.scan`: fold a carrier's scan into its parcel."""
    return tracking.fold_scan(services.db, job)


def fold_scans(services: Services, jobs: Sequence[Job]) -> list[Outcome]:
    """Several `carrier.scan` at once."""
    return tracking.fold_scans(services.db, jobs)


_HANDLERS: dict[str, Callable[[Services, Job], Outcome]] = {
    "payment.open": settle.open_payment_page,
    "payment.observe": settle.observe_job,
    "payment.capture": collect.capture,
    "payment.close": collect.close_page,
    "payment.void": collect.void,
    "payment.refund": returned_money.refund,
    "payment.webhook": settle.hear_webhook,
    "label.buy": buy_label,
    "label.void": void_label,
    "mail.send": send_mail,
    "order.goods_came": confirm.goods_came,
    "carrier.scan": fold_scan,
}


_BATCHES: dict[str, Callable[[Services, Sequence[Job]], Sequence[Outcome]]] = {
    "payment.open": settle.open_payment_pages,
    "payment.observe": settle.observe_jobs,
    "payment.capture": collect.capture_many,
    "label.buy": buy_labels,
    "mail.send": send_mails,
    "payment.webhook": settle.hear_webhooks,
    "carrier.scan": fold_scans,
}


def batches(services: Services) -> dict[str, BatchHandler]:
    """The handlers that take many jobs of a kind at once; `handlers` has one for each of these kinds too."""
    return {kind: partial(handle, services) for kind, handle in _BATCHES.items()}


def handlers(services: Services) -> dict[str, Handler]:
    """The handlers of a shop with these services."""
    return {kind: partial(handle, services) for kind, handle in _HANDLERS.items()}
