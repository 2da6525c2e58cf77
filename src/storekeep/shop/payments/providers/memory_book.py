"""The book of the provider in memory: its rows, what shoppers and banks do to them, and the webhooks it owes.

Apart from the port, so that each reads in one go. Ids count up and time comes from the given clock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from .base import (
    ChargeStatus,
    PaymentStatus,
    ProviderCharge,
    ProviderPayment,
    ProviderRefund,
    ProviderRefused,
    SessionStatus,
)
from .stripe_wire import sign

#: `settle_late`: the page is closed as paid, and the bank answers only when `settle` is called.
Outcome = Literal["succeed", "decline", "insufficient_funds", "challenge", "challenge_then_decline", "settle_late"]
DAY_US: Final = 24 * 3600 * 1_000_000
AUTHORIZATION_US: Final = 7 * DAY_US
_DECLINES: Final = {"decline": "generic_decline", "insufficient_funds": "insufficient_funds"}


@dataclass(slots=True)
class BookRow:
    """One row of the memory's book."""

    session_ref: str
    order_ref: str
    attempt_id: str
    amount_minor: int
    currency: str
    customer_email: str
    created_at: int
    expires_at: int
    session_status: SessionStatus = "open"
    payment_ref: str | None = None
    status: PaymentStatus = "none"
    captured_minor: int = 0
    decline_code: str | None = None
    capture_before: int | None = None
    charges: list[ProviderCharge] = field(default_factory=list)
    refunds: list[ProviderRefund] = field(default_factory=list)


class MemoryBook:
    """Payments by session, payment and attempt; the simulated shopper's side of the provider."""

    def __init__(
        self, clock: Callable[[], int], webhook_secret: str, outcomes: Mapping[str, Outcome] | None, record_events: bool
    ) -> None:
        self.outcomes: dict[str, Outcome] = dict(outcomes or {})
        self._clock = clock
        self._secret = webhook_secret
        self._record_events = record_events
        self._by_session: dict[str, BookRow] = {}
        self._by_payment: dict[str, BookRow] = {}
        self._by_attempt: dict[str, list[BookRow]] = {}
        self._waiting: list[tuple[bytes, int]] = []
        self._count = 0

    # What a test or a simulated shopper does --------------------------------------------------------------------

    def shopper_pays(self, session_ref: str, outcome: Outcome | None = None) -> ProviderPayment:
        """A try to pay on the hosted page. A closed page gives its picture again and charges nothing."""
        row = self._session(session_ref)
        self._expire_if_due(row)
        if row.session_status != "open":
            return picture(row)
        said = outcome or self.outcomes.get(row.attempt_id) or self.outcomes.get(row.customer_email) or "succeed"
        if row.payment_ref is None:
            row.payment_ref = self._id("pi")
            self._by_payment[row.payment_ref] = row
            self._event("payment_intent.created", row)
        if said in ("challenge", "challenge_then_decline"):
            row.status, row.decline_code = "requires_action", None
            if said == "challenge_then_decline":
                self.outcomes[f"challenge:{row.session_ref}"] = "decline"
            self._event("payment_intent.requires_action", row)
        elif said == "settle_late":
            row.status, row.session_status, row.decline_code = "processing", "complete", None
            self._event("payment_intent.processing", row)
            self._event("checkout.session.completed", row, row.session_ref)
        else:
            self._bank_answers(row, _DECLINES.get(said))
        return picture(row)

    def settle(self, session_ref: str, outcome: Outcome = "succeed") -> ProviderPayment:
        """The bank's late answer to a payment that was `processing`; any other stays as it is."""
        row = self._session(session_ref)
        if row.status == "processing":
            decline = _DECLINES.get(outcome)
            self._bank_answers(row, decline, came_late=True)
            kind = "failed" if decline else "succeeded"
            self._event(f"checkout.session.async_payment_{kind}", row, row.session_ref)
        return picture(row)

    def shopper_answers_challenge(self, session_ref: str, confirmed: bool = True) -> ProviderPayment:
        """The shopper's answer to the bank; without a question nothing happens."""
        row = self._session(session_ref)
        self._expire_if_due(row)
        if row.status != "requires_action" or row.session_status != "open":
            return picture(row)
        later = self.outcomes.pop(f"challenge:{session_ref}", "succeed")
        if confirmed:
            self._bank_answers(row, _DECLINES.get(later))
        else:
            row.status, row.decline_code = "declined", "payment_intent_authentication_failure"
            self._event("payment_intent.payment_failed", row)
        return picture(row)

    def touch(self, session_ref: str) -> None:
        """Let time take effect: an unpaid page is closed, and money that nobody captured is let go."""
        self._session(session_ref)

    def fail_refund_later(self, refund_ref: str) -> None:
        """The bank sends a succeeded refund back."""
        for row in self._by_payment.values():
            for place, refund in enumerate(row.refunds):
                if refund.ref == refund_ref and refund.status != "failed":
                    row.refunds[place] = replace(refund, status="failed", failure_reason="unknown")
                    self._event("refund.failed", row, refund_ref)

    def deliveries(self, *, twice: bool = False, drop: bool = False) -> list[tuple[bytes, dict[str, str]]]:
        """Take the webhooks now waiting as (body, headers), signed; optionally each twice, or lost on the way."""
        taken, self._waiting = self._waiting, []
        out = []
        for body, at in taken:
            out.append((body, {"Stripe-Signature": sign(body, (self._secret,), at // 1_000_000)}))
        return [] if drop else out + out if twice else out

    def take_waiting(self) -> list[tuple[bytes, int]]:
        """Take the webhooks now waiting as (body, when it happened), for a provider that signs each try to deliver."""
        taken, self._waiting = self._waiting, []
        return taken

    def signature(self, body: bytes) -> dict[str, str]:
        """The headers of a webhook that is sent now."""
        return {"Stripe-Signature": sign(body, (self._secret,), self._clock() // 1_000_000)}

    def payments(self) -> list[ProviderPayment]:
        """The whole book, oldest first."""
        return [picture(row) for row in self._by_session.values()]

    # Inside -----------------------------------------------------------------------------------------------------

    def _bank_answers(self, row: BookRow, decline: str | None, *, came_late: bool = False) -> None:
        status: ChargeStatus = "declined" if decline else "authorized"
        charge = ProviderCharge(
            self._id("ch"), status, row.amount_minor, 0, 0, self._clock(), decline,
            card_brand="visa", card_last4="0002" if decline else "4242",
        )
        row.charges.append(charge)
        row.decline_code = decline
        if decline:
            row.status = "declined"
            self._event("payment_intent.payment_failed", row)
            return
        row.status, row.session_status = "authorized", "complete"
        row.capture_before = self._clock() + AUTHORIZATION_US
        self._event("payment_intent.amount_capturable_updated", row)
        if not came_late:
            self._event("checkout.session.completed", row, row.session_ref)

    def _expire(self, row: BookRow) -> None:
        row.session_status = "expired"
        self._cancel(row)
        self._event("checkout.session.expired", row, row.session_ref)

    def _cancel(self, row: BookRow) -> None:
        row.status, row.capture_before = "canceled", None
        row.charges = [replace(c, status="canceled") if c.status == "authorized" else c for c in row.charges]
        if row.payment_ref is not None:
            self._event("payment_intent.canceled", row)

    def _expire_if_due(self, row: BookRow) -> None:
        now = self._clock()
        if row.session_status == "open" and row.expires_at <= now:
            self._expire(row)
        elif row.capture_before is not None and row.capture_before <= now:
            self._cancel(row)

    def _either(self, session_ref: str | None, payment_ref: str | None) -> BookRow:
        if session_ref is not None:
            row = self._session(session_ref)
        elif payment_ref is not None:
            row = self._payment(payment_ref)
        else:
            raise ValueError("read needs a session_ref or a payment_ref")
        return row

    def _session(self, ref: str) -> BookRow:
        return self._known(self._by_session.get(ref), ref)

    def _payment(self, ref: str) -> BookRow:
        return self._known(self._by_payment.get(ref), ref)

    def _known(self, row: BookRow | None, ref: str) -> BookRow:
        if row is None:
            raise ProviderRefused("resource_missing", f"No such payment: {ref[:80]}")
        self._expire_if_due(row)
        return row

    def _id(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}_mem_{self._count:08d}"

    def _event(self, kind: str, row: BookRow, object_ref: str | None = None) -> None:
        if not self._record_events:
            return
        ref = object_ref or row.payment_ref
        names = {"cs": "checkout.session", "pi": "payment_intent", "ch": "charge", "re": "refund"}
        obj = {"id": ref, "object": names[str(ref)[:2]], "payment_intent": row.payment_ref}
        now = self._clock()
        event = {"id": self._id("evt"), "object": "event", "type": kind, "created": now // 1_000_000,
                 "livemode": False, "data": {"object": obj}}  # fmt: skip
        self._waiting.append((json.dumps(event).encode(), now))


def given_back(row: BookRow) -> int:
    """Pending and succeeded refunds, in minor units."""
    return sum(refund.amount_minor for refund in row.refunds if refund.status in ("pending", "succeeded"))


def picture(row: BookRow) -> ProviderPayment:
    """A row in the port's words."""
    returned = given_back(row)
    charges = tuple(replace(c, refunded_minor=returned) if c.status == "captured" else c for c in row.charges)
    return ProviderPayment(
        session_ref=row.session_ref, session_status=row.session_status, payment_ref=row.payment_ref,
        status=row.status, currency=row.currency, amount_minor=row.amount_minor,
        authorized_minor=sum(c.amount_minor for c in charges if c.status != "declined"),
        capturable_minor=row.amount_minor if row.status == "authorized" else 0, captured_minor=row.captured_minor,
        refunded_minor=returned, charges=charges, refunds=tuple(row.refunds), created_at=row.created_at,
        order_ref=row.order_ref, attempt_id=row.attempt_id, decline_code=row.decline_code,
        decline_message="The card was declined." if row.decline_code else None,
        redirect_url=f"memory:{row.session_ref}" if row.session_status == "open" else None,
        capture_before=row.capture_before,
    )  # fmt: skip
