"""The provider's rules without storage or web: statuses, test cards, currencies and limits.

Every function here is pure; the verbs ask it what may happen and then write what did.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

SESSION_STATUSES: Final = ("open", "complete", "expired")
INTENT_NEXT: Final[dict[str, frozenset[str]]] = {
    "requires_payment_method": frozenset({"requires_action", "requires_capture", "succeeded", "canceled"}),
    "requires_action": frozenset({"requires_payment_method", "requires_capture", "succeeded", "canceled"}),
    "requires_capture": frozenset({"succeeded", "canceled"}),
    "succeeded": frozenset(),
    "canceled": frozenset(),
}
REFUND_NEXT: Final[dict[str, frozenset[str]]] = {
    "pending": frozenset({"succeeded", "failed"}),
    "succeeded": frozenset({"failed"}),  # banks return money days later
    "failed": frozenset(),
}
SESSION_MIN_S: Final = 30 * 60
SESSION_MAX_S: Final = 24 * 3600
AUTHORIZATION_S: Final = 7 * 24 * 3600
IDEMPOTENCY_S: Final = 24 * 3600
MAX_AMOUNT: Final = 99_999_999
METADATA_KEYS, METADATA_KEY_LEN, METADATA_VALUE_LEN = 50, 40, 500

ZERO_DECIMAL: Final = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())  # noqa: SIM905
THREE_DECIMAL: Final = frozenset("bhd jod kwd omr tnd".split())  # noqa: SIM905
WHOLE_UNITS: Final = frozenset({"isk", "ugx"})  # sent with two decimals that must be 00
CURRENCIES: Final = (
    ZERO_DECIMAL
    | THREE_DECIMAL
    | WHOLE_UNITS
    | frozenset(
        (  # noqa: SIM905
            "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf"
            " cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl hrk htg huf idr"
            " ils inr jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn"
            " nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd"
            " std szl thb tjs top try ttd twd tzs uah usd uyu uzs wst xcd yer zar zmw"
        ).split()
    )
)
MINIMUM: Final[dict[str, int]] = {"usd": 50, "eur": 50, "gbp": 30, "chf": 50, "cad": 50, "aud": 50, "jpy": 50}


class Refusal(Exception):
    """A definite no, in the words of the provider's error envelope.

    `before_work` marks failed validation: it leaves the idempotency key free, as at Stripe.
    """

    def __init__(
        self,
        message: str,
        code: str | None = None,
        param: str | None = None,
        *,
        kind: str = "invalid_request_error",
        http_status: int = 400,
        before_work: bool = False,
    ) -> None:
        super().__init__(message)
        self.message, self.code, self.param = message, code, param
        self.kind, self.http_status, self.before_work = kind, http_status, before_work


@dataclass(frozen=True, slots=True)
class Card:
    """How a test card behaves. `outcome` is what the bank says, `challenge` whether it asks its holder first."""

    number: str
    note: str
    outcome: str = "ok"  # ok, or a decline code
    challenge: bool = False
    answers_late: bool = False  # authorized, but the page never says so
    refund: str = "ok"  # ok | fails_later | pending

    @property
    def brand(self) -> str:
        return {"4": "visa", "5": "mastercard", "3": "amex"}.get(self.number[0], "unknown")


CARDS: Final[dict[str, Card]] = {
    card.number: card
    for card in (
        Card("4242424242424242", "Payment succeeds"),
        Card("5555555555554444", "Payment succeeds (Mastercard)"),
        Card("4000000000000002", "Declined by the bank", outcome="generic_decline"),
        Card("4000000000009995", "Declined: insufficient funds", outcome="insufficient_funds"),
        Card("4000000000009987", "Declined: lost card", outcome="lost_card"),
        Card("4000000000000069", "Declined: expired card", outcome="expired_card"),
        Card("4000002760003184", "Asks for confirmation, then succeeds", challenge=True),
        Card("4000008400001629", "Asks for confirmation, then is declined", "generic_decline", challenge=True),
        Card("4000000000007003", "Succeeds, but the bank answers too late", answers_late=True),
        Card("4000000000005126", "Succeeds; a refund fails some time later", refund="fails_later"),
        Card("4000000000007726", "Succeeds; a refund is pending first", refund="pending"),
    )
}

DECLINES: Final[dict[str, tuple[str, str]]] = {
    # decline code: (error code, what the shopper reads)
    "generic_decline": ("card_declined", "Your card was declined. Please try another card."),
    "insufficient_funds": ("card_declined", "Your card has insufficient funds. Please try another card."),
    "lost_card": ("card_declined", "Your card was declined. Please try another card."),
    "expired_card": ("expired_card", "Your card has expired. Please try another card."),
    "authentication_failed": (
        "payment_intent_authentication_failure",
        "Your bank could not confirm that it is you. Please try again or use another card.",
    ),
}


def luhn_ok(digits: str) -> bool:
    """The check digit of card numbers (ISO/IEC 7812-1)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def read_card(typed: str) -> Card | str:
    """The test card that was typed, or a sentence for the shopper. Numbers of real cards are refused unread."""
    digits = re.sub(r"[ \-]", "", typed)
    if not re.fullmatch(r"[0-9]{12,19}", digits):
        return "Enter the card number: 12 to 19 digits."
    if not luhn_ok(digits) and digits not in CARDS:
        return "This card number has a typing mistake: its check digit is wrong."
    if digits not in CARDS:
        return "This is a test page. Please use one of the test cards listed below, never a real card."
    return CARDS[digits]


def expiry_problem(typed: str, year: int, month: int) -> str | None:
    """None if the MM/YY that was typed lies at or after the given month, else a sentence for the shopper."""
    match = re.fullmatch(r"\s*([0-9]{1,2})\s*[/\- ]?\s*(?:20)?([0-9]{2})\s*", typed)
    if not match or not 1 <= int(match[1]) <= 12:
        return "Enter the expiry date as MM / YY."
    if (2000 + int(match[2]), int(match[1])) < (year, month):
        return "This expiry date lies in the past."
    return None


def fingerprint(number: str) -> str:
    """The same card gives the same mark; the number cannot be read back from the few characters kept."""
    return hashlib.sha256(b"sandbox-card:" + number.encode()).hexdigest()[:16]


def check_amount(amount: int, currency: str, param: str) -> None:
    """Raise `Refusal` unless the amount can be charged in the currency (lower-case code)."""
    if currency not in CURRENCIES:
        raise Refusal(f"Invalid currency: {currency}.", "currency_not_supported", "currency", before_work=True)
    if amount < 1:
        raise Refusal("Invalid integer: an amount must be at least 1.", "parameter_invalid_integer", param,
                      before_work=True)
    if amount > MAX_AMOUNT:
        raise Refusal(f"Amount must be no more than {MAX_AMOUNT}.", "amount_too_large", param, before_work=True)
    if currency in WHOLE_UNITS and amount % 100:
        raise Refusal(f"{currency} amounts must be divisible by 100.",
                      "invalid_charge_amount_no_decimal_compatible", param, before_work=True)
    if currency in THREE_DECIMAL and amount % 10:
        raise Refusal(f"{currency} amounts must be divisible by 10.", "parameter_invalid_integer", param,
                      before_work=True)


def check_charge_total(amount: int, currency: str) -> None:
    """Raise `Refusal` if a whole payment is smaller than the provider takes."""
    check_amount(amount, currency, "line_items")
    least = MINIMUM.get(currency, 1)
    if amount < least:
        raise Refusal(f"The total amount due must add up to at least {least} {currency}.", "amount_too_small",
                      "line_items", before_work=True)


def check_metadata(metadata: dict[str, str]) -> None:
    """Raise `Refusal` beyond 50 keys, 40 characters per key or 500 per value, as at Stripe."""
    if len(metadata) > METADATA_KEYS:
        raise Refusal(f"Metadata can hold at most {METADATA_KEYS} keys.", "parameter_invalid", "metadata",
                      before_work=True)
    for key, value in metadata.items():
        if len(key) > METADATA_KEY_LEN or "[" in key or "]" in key:
            raise Refusal(f"Metadata keys hold at most {METADATA_KEY_LEN} characters and no brackets.",
                          "parameter_invalid", "metadata", before_work=True)
        if len(value) > METADATA_VALUE_LEN:
            raise Refusal(f"Metadata values hold at most {METADATA_VALUE_LEN} characters; '{key}' is longer.",
                          "parameter_invalid", f"metadata[{key}]", before_work=True)


def check_step(intent_id: str, status: str, to: str, verb: str) -> None:
    """Raise the provider's `payment_intent_unexpected_state` unless the step is on the map."""
    if to not in INTENT_NEXT[status]:
        raise Refusal(f"This PaymentIntent ({intent_id}) could not be {verb} because it has a status of {status}.",
                      "payment_intent_unexpected_state")


def show_amount(amount: int, currency: str) -> str:
    """An amount for people: '12.50 EUR', '1,200 JPY'."""
    if currency in ZERO_DECIMAL:
        return f"{amount:,} {currency.upper()}"
    places = 3 if currency in THREE_DECIMAL else 2
    whole, part = divmod(amount, 10**places)
    return f"{whole:,}.{part:0{places}d} {currency.upper()}"
