"""The payment provider port: what the shop asks of any provider, in the shop's own words.

Amounts are integers in the shop's minor units (ISO 4217); adapters convert to their provider's units at the edge.
Moments are `Instant`: microseconds since the epoch, UTC. Every call that changes something takes an idempotency key
stored by the caller beforehand; the same key with the same arguments gives the first answer again and changes
nothing. None of these calls may be made inside a database transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

PaymentStatus = Literal["none", "requires_action", "processing", "authorized", "captured", "declined", "canceled"]
"""`none`: nobody has tried to pay yet. `declined`: the last try failed and another may follow. `canceled`: released,
or the session ended unpaid; no money can come any more."""
SessionStatus = Literal["none", "open", "complete", "expired"]
ChargeStatus = Literal["authorized", "captured", "declined", "canceled"]
RefundStatus = Literal["pending", "succeeded", "failed", "canceled"]


class ProviderError(Exception):
    """Base of what a provider call may raise; `message` is the provider's text, to be escaped wherever shown."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message[:500]


class ProviderUnknown(ProviderError):
    """Time-out, broken connection or a 5xx: it may or may not have happened. Settle it by reading, or same key."""


class ProviderUnavailable(ProviderError):
    """Surely not done: the request never left, or was turned away at the door (rate limit). Try again later."""


class ProviderRefused(ProviderError):
    """A definite no, with the provider's `code`. Nothing was changed; trying the same again gives the same no."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code[:80]


class BadSignature(ProviderError):
    """A webhook that is forged, too old, or not readable. It must not be stored."""


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """A hosted payment page to send the shopper to. `payment_ref` is often known only after the first try to pay."""

    session_ref: str
    payment_ref: str | None
    redirect_url: str


@dataclass(frozen=True, slots=True)
class ProviderCharge:
    """One try to take money: authorized, captured (`captured_minor` of `amount_minor`), declined or canceled."""

    ref: str
    status: ChargeStatus
    amount_minor: int
    captured_minor: int
    refunded_minor: int
    created_at: int
    decline_code: str | None = None
    card_brand: str | None = None
    card_last4: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """Money on its way back. `refund_id` is our own id, if the refund was asked for by us."""

    ref: str
    status: RefundStatus
    amount_minor: int
    created_at: int = 0
    refund_id: str | None = None
    failure_reason: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderPayment:
    """The full picture of one payment as the provider sees it now.

    `authorized_minor` is what the bank promised in all (it stays after capture or cancel), `capturable_minor` what
    can still be captured, `refunded_minor` the pending and succeeded refunds. Charges and refunds are oldest first.
    """

    session_ref: str | None
    session_status: SessionStatus
    payment_ref: str | None
    status: PaymentStatus
    currency: str
    amount_minor: int
    authorized_minor: int
    capturable_minor: int
    captured_minor: int
    refunded_minor: int
    charges: tuple[ProviderCharge, ...]
    refunds: tuple[ProviderRefund, ...]
    created_at: int
    order_ref: str | None = None
    attempt_id: str | None = None
    decline_code: str | None = None
    decline_message: str | None = None
    redirect_url: str | None = None
    capture_before: int | None = None


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A verified event. Use it only to learn which payment to read again."""

    event_id: str
    type: str
    object_ref: str
    payment_ref: str | None
    session_ref: str | None
    created: int
    livemode: bool = False


class PaymentProvider(Protocol):
    """A payment provider. Every method may raise `ProviderUnknown`, `ProviderUnavailable` or `ProviderRefused`."""

    @property
    def name(self) -> str:
        """The name stored beside every reference of this provider."""
        ...

    def open_session(
        self,
        *,
        key: str,
        order_ref: str,
        attempt_id: str,
        amount_minor: int,
        currency: str,
        description: str,
        success_url: str,
        cancel_url: str,
        customer_email: str,
        expires_at: int | None = None,
    ) -> SessionOpened:
        """Open a hosted page on which `amount_minor` can be authorized once (capture is a later call).

        `success_url` may hold `{CHECKOUT_SESSION_ID}`. `expires_at` is an Instant, 30 minutes to 24 hours ahead; it
        is part of the request that the key stands for, so pass a stored moment, not one computed anew.
        """
        ...

    def read(self, session_ref: str | None = None, payment_ref: str | None = None) -> ProviderPayment:
        """The full picture by either reference; changes nothing."""
        ...

    def find(self, attempt_id: str, created_after: int) -> ProviderPayment | None:
        """The payment opened for our attempt since that Instant, or None: how an unknown attempt is settled."""
        ...

    def capture(
        self, payment_ref: str, amount_minor: int, key: str, *, currency: str | None = None
    ) -> ProviderPayment:
        """Capture once, at most what is authorized; the rest is released. Without `currency` it is read first."""
        ...

    def void(self, *, key: str, payment_ref: str | None = None, session_ref: str | None = None) -> ProviderPayment:
        """Make sure that no money will come: release the authorization, or expire the unpaid session.

        Voiding what is canceled already gives the picture again. A captured payment is refused
        (`payment_captured`): refund it instead.
        """
        ...

    def expire_session(self, session_ref: str, key: str) -> ProviderPayment:
        """Close an unpaid page. Refused (`checkout_session_not_open`) if it was paid meanwhile; expired stays so."""
        ...

    def refund(
        self, payment_ref: str, amount_minor: int, key: str, refund_id: str, *, currency: str | None = None
    ) -> ProviderRefund:
        """Give back part or all of what was captured; our `refund_id` is stored with it."""
        ...

    def find_refund(self, payment_ref: str, refund_id: str) -> ProviderRefund | None:
        """The newest refund that carries our id, or None: how an unknown refund is settled."""
        ...

    def verify_webhook(self, body: bytes, headers: Mapping[str, str], now: int) -> WebhookEvent:
        """Check the signature over the raw body, at most 300 s old at `now`. Raises `BadSignature`; calls no one."""
        ...
