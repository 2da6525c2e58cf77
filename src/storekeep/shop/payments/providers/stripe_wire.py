"""What Stripe's wire needs beside its client: amounts in Stripe's units, and signatures of webhooks.

Pure functions without the client, which takes time to import, and with the present passed in.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from .base import BadSignature, ProviderRefused, WebhookEvent

TOLERANCE_S: Final = 300
_ISO_EXPONENT: Final[dict[str, int]] = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),  # noqa: SIM905
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),  # noqa: SIM905
    "CLF": 4,
    "UYW": 4,
}
_STRIPE_ZERO: Final = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())  # noqa: SIM905
_STRIPE_THREE: Final = frozenset("BHD JOD KWD OMR TND".split())  # noqa: SIM905
_REFUSED: Final = frozenset({"UGX", "CLF", "UYI", "UYW", "IQD", "LYD"})


def _exponents(currency: str) -> tuple[int, int]:
    """Decimals in our books (ISO 4217) and decimals on Stripe's wire."""
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise ProviderRefused("currency_invalid", f"Not a currency code: {currency[:20]!r}")
    if currency in _REFUSED:
        # UGX is listed both as a zero-decimal currency and as a two-decimal special case: never guess with money.
        raise ProviderRefused("currency_not_supported", f"{currency} cannot be charged through this provider.")
    ours = _ISO_EXPONENT.get(currency, 2)
    theirs = 0 if currency in _STRIPE_ZERO else 3 if currency in _STRIPE_THREE else 2
    return ours, theirs


def to_provider(amount_minor: int, currency: str) -> int:
    """Our minor units as Stripe's integer; raises `ProviderRefused` for what Stripe cannot represent exactly."""
    if isinstance(amount_minor, bool) or not isinstance(amount_minor, int) or amount_minor <= 0:
        raise ProviderRefused("amount_invalid", "An amount must be a positive whole number of minor units.")
    ours, theirs = _exponents(currency)
    amount = Fraction(amount_minor) * Fraction(10) ** (theirs - ours)
    if amount.denominator != 1 or (currency in _STRIPE_THREE and amount % 10):
        raise ProviderRefused("amount_not_representable", f"{amount_minor} minor units of {currency} are finer than"
                              " the provider can take.")
    return int(amount)


def from_provider(amount: int, currency: str) -> int:
    """Stripe's integer as our minor units. Zero is fine here: an untouched payment has captured 0."""
    ours, theirs = _exponents(currency.upper())
    minor = Fraction(amount) * Fraction(10) ** (ours - theirs)
    if minor.denominator != 1:
        raise ProviderRefused("amount_not_representable", f"{amount} of {currency} is finer than our minor unit.")
    return int(minor)


def sign(body: bytes, secrets: Sequence[str], timestamp_s: int) -> str:
    """A `Stripe-Signature` header, one `v1` per secret."""
    signed = b"%d." % timestamp_s + body
    marks = (hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets)
    return f"t={timestamp_s}," + ",".join(f"v1={mark}" for mark in marks)


def check_signature(body: bytes, header: str | None, secrets: Sequence[str], now: int) -> None:
    """Raise `BadSignature` unless one `v1` matches one of our secrets and the time is at most 300 s before `now`."""
    if not header:
        raise BadSignature("The webhook has no signature.")
    fields = [part.strip().partition("=") for part in header[:4000].split(",")]
    stamps = [value for name, _, value in fields if name == "t"]
    marks = [value for name, _, value in fields if name == "v1"]
    if len(stamps) != 1 or not re.fullmatch(r"[0-9]{1,12}", stamps[0]) or not marks:
        raise BadSignature("The webhook's signature header is malformed.")
    signed = stamps[0].encode() + b"." + body
    good = False
    for secret in secrets:
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()
        for mark in marks:
            good |= hmac.compare_digest(expected, mark.encode("utf-8", "replace"))
    if not good:
        raise BadSignature("The webhook's signature does not match.")
    if now // 1_000_000 - int(stamps[0]) > TOLERANCE_S:
        raise BadSignature("The webhook's signature is too old.")


def read_event(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: int) -> WebhookEvent:
    """Check and read a webhook. Unknown event types pass; what is not an event raises `BadSignature`."""
    header = next((value for name, value in headers.items() if name.lower() == "stripe-signature"), None)
    check_signature(body, header, secrets, now)
    try:
        event: Any = json.loads(body)
        obj = event["data"]["object"]
        kind, ref = obj["object"], obj.get("id") or ""
        linked = obj.get("payment_intent")
        linked = linked["id"] if isinstance(linked, dict) else linked
        return WebhookEvent(
            event_id=str(event["id"]), type=str(event["type"]), object_ref=str(ref),
            payment_ref=str(ref) if kind == "payment_intent" else linked,
            session_ref=str(ref) if kind == "checkout.session" else None,
            created=int(event["created"]) * 1_000_000, livemode=event.get("livemode") is True,
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadSignature("The webhook is signed but is not an event.") from None
