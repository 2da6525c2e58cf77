"""A payment provider in memory: deterministic, without network or threads, with a provider's bad habits on request.

For replays and tests. It keeps its own book, speaks the port exactly as the Stripe adapter does (the same contract
tests run against both), and can time out after doing the work, deliver a webhook twice, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal, TypeVar

from .base import (
    ProviderPayment,
    ProviderRefund,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUnknown,
    SessionOpened,
    WebhookEvent,
)
from .memory_book import DAY_US, BookRow, MemoryBook, Outcome, given_back, picture
from .stripe_wire import read_event

T = TypeVar("T")
How = Literal["timeout_after_effect", "timeout_before_effect", "unavailable", "refuse"]


class MemoryProvider(MemoryBook):
    """The port, in memory. `clock` gives the present as an Instant; ids count up, so one seed is one run."""

    name = "memory"

    def __init__(
        self,
        clock: Callable[[], int],
        *,
        webhook_secret: str = "whsec_memory",  # noqa: S107
        outcomes: Mapping[str, Outcome] | None = None,
        record_events: bool = True,
        name: str = "memory",
    ) -> None:
        """`outcomes` says what the bank answers, by attempt id or e-mail. Long replays switch `record_events` off."""
        super().__init__(clock, webhook_secret, outcomes, record_events)
        self.name = name
        self._answers: dict[str, tuple[tuple[Any, ...], object]] = {}
        self._troubles: list[tuple[str, How]] = []

    def fail_next(self, operation: str, how: How, count: int = 1) -> None:
        """Arm a trouble for the next `count` calls of a port method, or of any (`*`)."""
        self._troubles += [(operation, how)] * count

    # The port ---------------------------------------------------------------------------------------------------

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
        """See the port."""
        if isinstance(amount_minor, bool) or not isinstance(amount_minor, int) or amount_minor <= 0:
            raise ProviderRefused("amount_invalid", "An amount must be a positive whole number of minor units.")

        def work() -> SessionOpened:
            now = self._clock()
            ref = self._id("cs")
            row = BookRow(
                ref, order_ref, attempt_id, amount_minor, currency, customer_email, now, expires_at or now + DAY_US
            )
            self._by_session[ref] = row
            self._by_attempt.setdefault(attempt_id, []).append(row)
            return SessionOpened(ref, None, f"memory:{ref}")

        return self._once("open_session", key, (order_ref, attempt_id, amount_minor, currency, expires_at), work)

    def read(self, session_ref: str | None = None, payment_ref: str | None = None) -> ProviderPayment:
        """See the port."""
        return self._once("read", None, (), lambda: picture(self._either(session_ref, payment_ref)))

    def find(self, attempt_id: str, created_after: int) -> ProviderPayment | None:
        """See the port."""

        def work() -> ProviderPayment | None:
            rows = [r for r in self._by_attempt.get(attempt_id, ()) if r.created_at >= created_after]
            return picture(rows[-1]) if rows else None

        return self._once("find", None, (), work)

    def capture(
        self, payment_ref: str, amount_minor: int, key: str, *, currency: str | None = None
    ) -> ProviderPayment:
        """See the port."""

        def work() -> None:
            row = self._payment(payment_ref)
            if row.status != "authorized":
                raise ProviderRefused("payment_intent_unexpected_state", f"The payment is {row.status}.")
            if not 0 < amount_minor <= row.amount_minor:
                raise ProviderRefused("amount_too_large", f"At most {row.amount_minor} can be captured.")
            row.status, row.captured_minor, row.capture_before = "captured", amount_minor, None
            row.charges[-1] = replace(row.charges[-1], status="captured", captured_minor=amount_minor)
            self._event("charge.captured", row, row.charges[-1].ref)
            self._event("payment_intent.succeeded", row)

        self._once("capture", key, (payment_ref, amount_minor), work)
        return picture(self._payment(payment_ref))

    def void(self, *, key: str, payment_ref: str | None = None, session_ref: str | None = None) -> ProviderPayment:
        """See the port."""

        def work() -> None:
            row = self._either(session_ref, payment_ref)
            if row.status == "captured":
                raise ProviderRefused("payment_captured", "The payment is captured already; refund it instead.")
            if row.session_status == "open":
                self._expire(row)
            elif row.status == "authorized":
                self._cancel(row)

        self._once("void", key, (payment_ref, session_ref), work)
        return picture(self._either(session_ref, payment_ref))

    def expire_session(self, session_ref: str, key: str) -> ProviderPayment:
        """See the port."""

        def work() -> None:
            row = self._session(session_ref)
            if row.session_status == "complete":
                raise ProviderRefused("checkout_session_not_open", "The page was paid.")
            if row.session_status == "open":
                self._expire(row)

        self._once("expire_session", key, (session_ref,), work)
        return picture(self._session(session_ref))

    def refund(
        self, payment_ref: str, amount_minor: int, key: str, refund_id: str, *, currency: str | None = None
    ) -> ProviderRefund:
        """See the port."""
        if amount_minor <= 0:
            raise ProviderRefused("amount_invalid", "An amount must be a positive whole number of minor units.")

        def work() -> ProviderRefund:
            row = self._payment(payment_ref)
            if row.status != "captured":
                raise ProviderRefused("charge_not_refundable", f"The payment is {row.status}, not captured.")
            left = row.captured_minor - given_back(row)
            if left == 0:
                raise ProviderRefused("charge_already_refunded", "The payment has been refunded in full.")
            if amount_minor > left:
                raise ProviderRefused("amount_too_large", f"At most {left} can be refunded.")
            made = ProviderRefund(self._id("re"), "succeeded", amount_minor, self._clock(), refund_id)
            row.refunds.append(made)
            self._event("refund.created", row, made.ref)
            return made

        return self._once("refund", key, (payment_ref, amount_minor, refund_id), work)

    def find_refund(self, payment_ref: str, refund_id: str) -> ProviderRefund | None:
        """See the port."""
        rows = self._once("find_refund", None, (), lambda: self._payment(payment_ref).refunds)
        return next((row for row in reversed(rows) if row.refund_id == refund_id), None)

    def verify_webhook(self, body: bytes, headers: Mapping[str, str], now: int) -> WebhookEvent:
        """See the port."""
        return read_event(body, headers, (self._secret,), now)

    # Inside -----------------------------------------------------------------------------------------------------

    def _once(self, operation: str, key: str | None, request: tuple[Any, ...], work: Callable[[], T]) -> T:
        """Run `work` once per key, with the trouble armed for this call. A refusal is the key's answer too."""
        how = self._trouble(operation)
        if how == "unavailable":
            raise ProviderUnavailable("The provider is not available.")
        if how == "refuse":
            raise ProviderRefused("refused", "The provider refused.")
        if how == "timeout_before_effect":
            raise ProviderUnknown("The provider did not answer in time.")
        answer = self._answer(operation, key, request, work)
        if how == "timeout_after_effect":
            raise ProviderUnknown("The provider did not answer in time.")
        if isinstance(answer, ProviderRefused):
            raise answer
        return answer

    def _answer(
        self, operation: str, key: str | None, request: tuple[Any, ...], work: Callable[[], T]
    ) -> T | ProviderRefused:
        asked = (operation, *request)
        if key is not None and key in self._answers:
            before, stored = self._answers[key]
            if before != asked:
                return ProviderRefused("idempotency_error", "This key was used with other parameters.")
            return stored  # type: ignore[return-value]  # the same operation stored it
        answer: T | ProviderRefused
        try:
            answer = work()
        except ProviderRefused as refusal:
            answer = refusal
        if key is not None:
            self._answers[key] = (asked, answer)
        return answer

    def _trouble(self, operation: str) -> How | None:
        for place, (target, how) in enumerate(self._troubles):
            if target in ("*", operation):
                del self._troubles[place]
                return how
        return None
