"""Stripe behind the port, on its official client. The sandbox speaks the same wire: only `base_url` differs.

The client is imported on first use, because it is slow to import. Its objects are turned into plain dicts at once
and into our frozen dataclasses before they leave this file.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from . import stripe_wire
from .base import (
    ProviderError,
    ProviderPayment,
    ProviderRefund,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUnknown,
    SessionOpened,
    WebhookEvent,
)
from .stripe_client import make_client
from .stripe_picture import payment_picture, refund_picture
from .stripe_wire import to_provider

if TYPE_CHECKING:
    from stripe import StripeClient

T = TypeVar("T")


class StripeProvider:
    """Payments by hosted page, authorized first and captured later, through Stripe or the sandbox."""

    name = "stripe"

    def __init__(
        self,
        secret_key: str,
        base_url: str | None,
        webhook_secret: str | Sequence[str],
        timeout_s: float = 10,
        *,
        max_retries: int = 2,
        ca_file: str | None = None,
        name: str = "stripe",
    ) -> None:
        """`base_url` None means Stripe itself. Several webhook secrets are accepted while one is being rotated.

        A call that fails on the way is repeated up to `max_retries` times with the same idempotency key. `ca_file`
        is the certificate to trust at an https `base_url` that no public authority vouches for.
        """
        self.name = name
        self._secret_key = secret_key
        self._base_url = base_url.rstrip("/") if base_url else None
        self._webhook_secrets = (webhook_secret,) if isinstance(webhook_secret, str) else tuple(webhook_secret)
        self._timeout_s = timeout_s
        self._max_retries = max_retries
        self._ca_file = ca_file
        self._made: StripeClient | None = None
        self._making = threading.Lock()
        self._here = threading.local()  # has any request of the present call possibly reached the provider?

    # The client ------------------------------------------------------------------------------------------------

    def _client(self) -> StripeClient:
        with self._making:
            if self._made is None:
                self._made = make_client(
                    self._secret_key, self._base_url, self._timeout_s, self._max_retries, self._ca_file, self._here
                )
            return self._made

    def _call(self, work: Callable[[StripeClient], T]) -> T:
        """One call with the client's errors turned into ours."""
        import stripe

        client = self._client()
        self._here.maybe_sent = False
        try:
            return work(client)
        except stripe.StripeError as error:
            raise self._translated(error) from error

    def _translated(self, error: Any) -> ProviderError:
        import stripe

        text = str(error.user_message or error)
        if isinstance(error, stripe.APIConnectionError):
            return ProviderUnknown(text) if self._here.maybe_sent else ProviderUnavailable(text)
        status = error.http_status or 0
        if self._here.maybe_sent and status != 200 and (status == 429 or status >= 500):
            return ProviderUnknown(text)  # an earlier try of this call may have gone through
        if status == 429:
            return ProviderUnavailable(text)
        if status == 409 or status >= 500 or status == 0:
            return ProviderUnknown(text)
        kind = error.error.type if error.error is not None and "type" in error.error else None
        return ProviderRefused(str(error.code or kind or f"http_{status}"), text)

    # The port --------------------------------------------------------------------------------------------------

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
        """See the port. Order and attempt go along as metadata of both the session and the payment."""
        marks = {"order_ref": order_ref, "attempt_id": attempt_id}
        price = {
            "currency": currency.lower(),
            "unit_amount": to_provider(amount_minor, currency),
            "product_data": {"name": description[:250]},
        }
        params: dict[str, Any] = {
            "mode": "payment",
            "client_reference_id": attempt_id,
            "metadata": marks,
            "line_items": [{"quantity": 1, "price_data": price}],
            "payment_intent_data": {
                "capture_method": "manual", "metadata": marks, "description": description[:1000],
            },
            "success_url": success_url,
            "cancel_url": cancel_url,
        }  # fmt: skip
        if customer_email:
            params["customer_email"] = customer_email
        if expires_at is not None:
            params["expires_at"] = expires_at // 1_000_000
        made = self._call(
            lambda c: c.v1.checkout.sessions.create(cast(Any, params), {"idempotency_key": key}).to_dict()
        )
        return SessionOpened(made["id"], made["payment_intent"], made["url"] or "")

    def read(self, session_ref: str | None = None, payment_ref: str | None = None) -> ProviderPayment:
        """See the port."""
        session: dict[str, Any] | None = None
        intent: dict[str, Any] | None = None
        if session_ref is not None:
            session = self._call(
                lambda c: c.v1.checkout.sessions.retrieve(session_ref, {"expand": ["payment_intent"]}).to_dict()
            )
            intent = session["payment_intent"]
        elif payment_ref is not None:
            intent = self._call(lambda c: c.v1.payment_intents.retrieve(payment_ref).to_dict())
            found = self._call(lambda c: c.v1.checkout.sessions.list({"payment_intent": payment_ref}).to_dict())
            session = found["data"][0] if found["data"] else None
        else:
            raise ValueError("read needs a session_ref or a payment_ref")
        return self._picture(session, intent)

    def find(self, attempt_id: str, created_after: int) -> ProviderPayment | None:
        """See the port. Pages through the sessions created since, because the search index of Stripe lags behind."""

        def look(client: StripeClient) -> str | None:
            window: Any = {"created": {"gte": created_after // 1_000_000}, "limit": 100}
            for session in client.v1.checkout.sessions.list(window).auto_paging_iter():
                if session.to_dict()["metadata"].get("attempt_id") == attempt_id:
                    return str(session.id)
            return None

        ref = self._call(look)
        return None if ref is None else self.read(session_ref=ref)

    def capture(
        self, payment_ref: str, amount_minor: int, key: str, *, currency: str | None = None
    ) -> ProviderPayment:
        """See the port."""
        amount = to_provider(amount_minor, currency or self._currency_of(payment_ref))
        self._call(
            lambda c: c.v1.payment_intents.capture(
                payment_ref, {"amount_to_capture": amount}, {"idempotency_key": key}
            ).to_dict()
        )
        return self.read(payment_ref=payment_ref)

    def void(self, *, key: str, payment_ref: str | None = None, session_ref: str | None = None) -> ProviderPayment:
        """See the port. Reads first; a page that was paid between reading and closing is released after all."""
        seen = self.read(session_ref, payment_ref)
        if seen.session_status == "open" and seen.session_ref is not None:
            try:
                return self.expire_session(seen.session_ref, f"{key}:expire")
            except ProviderRefused:
                seen = self.read(seen.session_ref)
        if seen.status == "captured":
            raise ProviderRefused("payment_captured", "The payment is captured already; refund it instead.")
        ref = seen.payment_ref
        if seen.status == "canceled" or ref is None:
            return seen
        self._call(lambda c: c.v1.payment_intents.cancel(ref, {}, {"idempotency_key": f"{key}:cancel"}).to_dict())
        return self.read(seen.session_ref, ref)

    def expire_session(self, session_ref: str, key: str) -> ProviderPayment:
        """See the port."""
        try:
            self._call(
                lambda c: c.v1.checkout.sessions.expire(session_ref, {}, {"idempotency_key": key}).to_dict()
            )
        except ProviderRefused as refusal:
            seen = self.read(session_ref)
            if seen.session_status == "expired":
                return seen
            code = "checkout_session_not_open" if seen.session_status == "complete" else refusal.code
            raise ProviderRefused(code, refusal.message) from refusal
        return self.read(session_ref)

    def refund(
        self, payment_ref: str, amount_minor: int, key: str, refund_id: str, *, currency: str | None = None
    ) -> ProviderRefund:
        """See the port."""
        amount = to_provider(amount_minor, currency or self._currency_of(payment_ref))
        made = self._call(
            lambda c: c.v1.refunds.create(
                {"payment_intent": payment_ref, "amount": amount, "metadata": {"refund_id": refund_id}},
                {"idempotency_key": key},
            ).to_dict()
        )
        return refund_picture(made)

    def find_refund(self, payment_ref: str, refund_id: str) -> ProviderRefund | None:
        """See the port."""
        found = (row for row in reversed(self._refunds(payment_ref)) if row.refund_id == refund_id)
        return next(found, None)

    def verify_webhook(self, body: bytes, headers: Mapping[str, str], now: int) -> WebhookEvent:
        """See the port."""
        return stripe_wire.read_event(body, headers, self._webhook_secrets, now)

    # Reading ---------------------------------------------------------------------------------------------------

    def _currency_of(self, payment_ref: str) -> str:
        intent = self._call(lambda c: c.v1.payment_intents.retrieve(payment_ref).to_dict())
        return str(intent["currency"]).upper()

    def _refunds(self, payment_ref: str) -> list[ProviderRefund]:
        def look(client: StripeClient) -> list[ProviderRefund]:
            rows = client.v1.refunds.list({"payment_intent": payment_ref, "limit": 100}).auto_paging_iter()
            return [refund_picture(row.to_dict()) for row in rows]

        return self._call(look)[::-1]

    def _charges(self, payment_ref: str) -> list[dict[str, Any]]:
        def look(client: StripeClient) -> list[dict[str, Any]]:
            rows = client.v1.charges.list({"payment_intent": payment_ref, "limit": 100}).auto_paging_iter()
            return [row.to_dict() for row in rows]

        return self._call(look)[::-1]

    def _picture(self, session: dict[str, Any] | None, intent: dict[str, Any] | None) -> ProviderPayment:
        ref = intent["id"] if intent else None
        charges = self._charges(ref) if ref and intent and intent.get("latest_charge") else []
        taken = intent is not None and intent["amount_received"] > 0
        refunds = self._refunds(ref) if ref and taken else []
        return payment_picture(session, intent, charges, refunds)
