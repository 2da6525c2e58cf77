"""From facts to words: each template is a plain text file with its subject on the first line. Pure.

A fact that a template needs and does not get is an error, never a blank in a customer's mail. Facts are texts as they
are to be read ("12.50 EUR"); a name with a line break in it cannot add a header, because a subject is one line.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, UndefinedError

LONGEST_SUBJECT = 150
#: Line breaks that are none in a plain text become blanks.
_KEPT = dict.fromkeys("\u2028\u2029\u0085\v\f\x1c\x1d\x1e\x1f", " ")

#: template -> the facts it needs. `lines` is a list of objects with `title`, `qty` and `total`.
TEMPLATES: Mapping[str, frozenset[str]] = {
    "order_confirmation": frozenset(
        {"shop_name", "name", "order_number", "order_link", "lines", "shipping", "total", "address", "delivery",
         "ready_on"}
    ),
    "payment_problem": frozenset({"shop_name", "name", "order_number", "order_link", "total", "pay_until"}),
    "shipped": frozenset(
        {"shop_name", "name", "order_number", "order_link", "lines", "carrier", "tracking_number", "expected_on"}
    ),
    "delivered": frozenset({"shop_name", "name", "order_number", "order_link"}),
    "canceled": frozenset({"shop_name", "name", "order_number", "order_link", "lines", "refund"}),
    "refund": frozenset({"shop_name", "name", "order_number", "order_link", "amount", "reason"}),
    "return_instructions": frozenset(
        {"shop_name", "name", "order_number", "order_link", "return_number", "lines", "return_address", "send_by"}
    ),
    "agent_reply": frozenset({"shop_name", "name", "agent_name", "subject", "body", "reply_link"}),
    "case_notice": frozenset({"shop_name", "name", "order_number", "order_link", "what_happened", "what_we_do"}),
    "order_expired": frozenset({"shop_name", "name", "order_number", "order_link", "shop_link"}),
    # To suppliers; their `lines` have `sku`, `price` and `on` as well.
    "purchase_order": frozenset(
        {"shop_name", "name", "order_number", "heading", "opening", "lines", "total", "address", "note", "reply_to"}
    ),
    "purchase_order_canceled": frozenset({"shop_name", "name", "order_number", "reason", "reply_to"}),
    "order_delayed": frozenset({"shop_name", "name", "order_number", "order_link", "ready_on"}),
    "stock_signup": frozenset({"shop_name", "title", "signup_link"}),
    "back_in_stock": frozenset({"shop_name", "title", "product_link", "signup_link"}),
    # To the owner; its `lines` have `sku` and `level` as well.
    "low_stock": frozenset({"shop_name", "heading", "lines", "more", "total", "list_link"}),
    "late_payment": frozenset({"shop_name", "name", "order_number", "order_link", "amount", "outcome"}),
}


class MissingFact(LookupError):
    """A template was not given what it needs: a fault of the caller, not of the person who gets the mail."""

    def __init__(self, template: str, names: list[str]) -> None:
        super().__init__(f"the mail {template} needs {', '.join(names)}")
        self.template, self.names = template, names


def compose(template: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and body of a mail. Raises KeyError for an unknown template and `MissingFact` for a missing fact."""
    missing = sorted(TEMPLATES[template] - set(facts))
    if missing:
        raise MissingFact(template, missing)
    try:
        cleaned = {name: _clean(value) for name, value in facts.items()}
        subject, body = (part.render(cleaned) for part in _templates(template))
    except UndefinedError as error:
        raise MissingFact(template, [str(error)]) from error
    return one_line(subject), body.strip("\n") + "\n"


def one_line(text: str) -> str:
    """A text that can stand in a header: every kind of line break and control character becomes a blank."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1].rstrip() + "…"


def _clean(value: Any) -> Any:
    """Texts without control characters, at any depth."""
    if isinstance(value, str):
        if value.isprintable():
            return value
        plain = value.replace("\r\n", "\n").replace("\r", "\n")
        return "".join(_KEPT.get(char, char) if char.isprintable() or char.isspace() else "" for char in plain)
    if isinstance(value, Mapping):
        return {name: _clean(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(one) for one in value]
    return value


@lru_cache(maxsize=64)
def _templates(name: str) -> tuple[Template, Template]:
    """Subject and body, cut apart before any fact is put in."""
    environment = _environment()
    source = files(__package__).joinpath("templates", f"{name}.txt").read_text(encoding="utf-8")
    head, _, body = source.partition("\n---\n")
    return environment.from_string(head.removeprefix("Subject:")), environment.from_string(body)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - these are plain text mails; nothing here is ever read as HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
