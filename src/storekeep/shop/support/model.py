"""What support is handed and what it answers, as frozen values, and what may stand in a message. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from storekeep.kernel.clock import DAY, HOUR, MINUTE, SECOND, Instant
from storekeep.kernel.errors import Invalid, Problem
from storekeep.shop.support.card_numbers import refuse_card_number

#: What a shopper can say is wrong, as the form shows it.
REASONS: Mapping[str, str] = {
    "wrong_item": "I got something else",
    "damaged": "Something is damaged",
    "not_arrived": "It has not arrived",
    "other": "Something else",
}
#: Reasons that are about goods in the customer's hands, so that the form asks which.
ABOUT_GOODS = frozenset({"wrong_item", "damaged"})
LONGEST_BODY = 10_000
LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True)
class NewConversation:
    """Somebody writes for the first time. `subject` is one line."""

    email: str
    name: str
    subject: str
    reason: str = "other"
    order_id: str | None = None
    shipment_id: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation that was opened."""

    id: str
    number: int


@dataclass(frozen=True, slots=True)
class Said:
    """A message that was kept; not new when the command had been done before."""

    id: str
    conversation_id: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class MoneyPart:
    """The money in one row of a preview: units of a line, the delivery, or a free amount; net + tax = gross."""

    label: str
    units: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    order_line_id: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """Exactly what a remedy would do; amounts in minor units of `currency`.

    `amount_minor` goes to the customer (`money_back_minor` of it through the bank, the rest is no longer owed) and
    `cost_minor` is what the remedy costs the shop. With `problems` it is impossible, and they say why.
    """

    kind: str
    order_id: str
    currency: str
    amount_minor: int = 0
    money_back_minor: int = 0
    cost_minor: int = 0
    units: Mapping[str, int] = field(default_factory=dict)
    parts: tuple[MoneyPart, ...] = ()
    effects: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def is_possible(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Applied:
    """A remedy that was carried out, with the effects as they were; not new when the command had been done before."""

    remedy_id: str
    kind: str
    amount_minor: int
    cost_minor: int
    preview: Mapping[str, Any]
    is_new: bool


def check_body(body: str, path: str = "body") -> str:
    """A message's text, trimmed. Raises `Invalid` when it is empty or too long, `Refused` for a card number in it."""
    plain = body.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(char for char in plain if char.isprintable() or char in "\n\t").strip()
    if not text:
        raise Invalid(path, "Write a few words first.")
    if len(text) > LONGEST_BODY:
        raise Invalid(path, f"The text has {len(text):,} characters; at most {LONGEST_BODY:,} fit.")
    refuse_card_number(text, path)
    return text


def check_subject(subject: str) -> str:
    """A subject on one line, cut to what a mail shows."""
    line = " ".join("".join(char if char.isprintable() else " " for char in subject).split())
    refuse_card_number(line, "subject")
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1].rstrip() + "…"


def check_reason(reason: str) -> str:
    """A reason that a shopper may give; `Invalid` names the ones there are."""
    if reason not in REASONS:
        raise Invalid("reason", f"Choose what is wrong: {', '.join(REASONS.values())}.")
    return reason


def ago(then: Instant, now: Instant) -> str:
    """How long ago in one unit: "40 s ago"."""
    passed = max(0, now - then)
    for size, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if passed >= size:
            return f"{passed // size} {unit} ago"
    return f"{passed // SECOND} s ago"
