"""Reading forms: bytes to a `Form`, and a `Form` to checked values through `Fields`.

Nothing typed is lost: values stay for redisplay next to their errors. Two kinds of text are refused
everywhere: control characters, and digit runs that look like a payment card number, which the shop must
never hold (and which are not shown again either).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as calendar_date
from urllib.parse import parse_qsl

from babel.numbers import get_currency_precision

MAX_FIELDS = 1000
_CARD_RUN = re.compile(r"(?<!\d)\d(?:[ \-.]?\d){12,18}(?!\d)")
_EMAIL = re.compile(r"[^@\s<>\"(),:;\[\]\\]{1,64}@[^@\s<>\"(),:;\[\]\\]+\.[^@\s.]{2,63}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Characters that reorder or hide text: fine in no name, address or note.
_HIDDEN = frozenset("\u200b\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")

CARD_SENTENCE = "This looks like a payment card number. Please remove it: we never need it here and must not store it."


class BadForm(ValueError):
    """The body is not a readable form; its text says why."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file, held in memory (the body limit bounds it)."""

    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """The fields as they were sent, in order of each name's values."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def get(self, name: str, default: str = "") -> str:
        """The last value sent under this name."""
        found = self.values.get(name)
        return found[-1] if found else default

    def all(self, name: str) -> tuple[str, ...]:
        """Every value sent under this name (check boxes, repeated rows)."""
        return self.values.get(name, ())

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def __bool__(self) -> bool:
        return bool(self.values or self.uploads)

    @staticmethod
    def of(values: Mapping[str, str | Sequence[str]]) -> Form:
        """A form from plain values: for tests, and for prefilling an edit page."""
        return Form({k: (v,) if isinstance(v, str) else tuple(v) for k, v in values.items()})


EMPTY_FORM = Form()


def gather(pairs: Sequence[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Pairs to lists per name, order kept."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value)
    return found


def parse_urlencoded(body: bytes) -> Form:
    """An `application/x-www-form-urlencoded` body. BadForm for wrong UTF-8 or more than 1000 fields."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except UnicodeDecodeError:
        raise BadForm("The form contains text that is not valid UTF-8.") from None
    except ValueError:
        raise BadForm(f"The form has more than {MAX_FIELDS} fields.") from None
    return Form(gather(pairs))


def passes_luhn(digits: str) -> bool:
    """Whether the digits carry a valid Luhn check digit (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        digit = int(char)
        if place % 2:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total % 10 == 0


def holds_card_number(text: str) -> bool:
    """Whether the text holds 13 to 19 digits, perhaps grouped, that pass the card check digit."""
    return any(passes_luhn(re.sub(r"\D", "", run)) for run in _CARD_RUN.findall(text))


def unwanted_character(text: str, multiline: bool) -> bool:
    """Whether the text holds control or invisible reordering characters (line breaks only if multi-line)."""
    allowed = "\n\t" if multiline else ""
    return any((ord(ch) < 32 and ch not in allowed) or 127 <= ord(ch) < 160 or ch in _HIDDEN for ch in text)


def parse_money(text: str, currency: str) -> int:
    """Minor units from what a person typed: `47.90`, `47,9`, `1 234,56`, `1,234.56`.

    ValueError with a sentence when it is no sum, has too many decimal places, or could mean two things.
    """
    places = get_currency_precision(currency)
    example = "47" + ("." + "90"[:places].ljust(places, "0") if places else "")
    bare = re.sub(r"[\s\u00a0\u202f']", "", text).replace("\N{MINUS SIGN}", "-")
    if not re.fullmatch(r"-?[0-9]{1,15}([.,][0-9]{1,15})*", bare):
        raise ValueError(f"Enter a sum of money, for example {example}.")
    sign, bare = (-1, bare[1:]) if bare.startswith("-") else (1, bare)
    marks = re.findall(r"[.,]", bare)
    if len(set(marks)) == 2:
        decimal = marks[-1]
        if marks.count(decimal) > 1:
            raise ValueError(f"Enter a sum of money, for example {example}.")
        whole, _, rest = bare.rpartition(decimal)
        groups = re.split(r"[.,]", whole)
    elif len(marks) > 1:
        groups, rest = re.split(r"[.,]", bare), ""
    elif marks:
        whole, _, rest = bare.partition(marks[0])
        groups = [whole]
        if len(rest) == 3 and places != 3:
            raise ValueError(f"“{text.strip()}” could mean two sums. Write it like {example}, without separators.")
    else:
        groups, rest = [bare], ""
    if len(groups) > 1 and (len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:])):
        raise ValueError(f"Enter a sum of money, for example {example}.")
    if len(rest) > places:
        raise ValueError(f"{currency} has {places} decimal places. Enter a sum like {example}.")
    minor = int("".join(groups) + rest.ljust(places, "0"))
    if minor > 10**14:
        raise ValueError("This sum is too large.")
    return sign * minor


class Fields:
    """Checked reading of one form. Each reader returns a usable value and notes an error under its name.

    After all reads, `if fields.errors:` answer 422 with the same page and `form=fields`; the macros of
    `ui` show values and errors from it.
    """

    def __init__(self, form: Form = EMPTY_FORM) -> None:
        self._form = form
        self._hidden: set[str] = set()
        self.errors: dict[str, str] = {}

    @staticmethod
    def of(values: Mapping[str, str | Sequence[str]]) -> Fields:
        """Prefilled, without errors: the first showing of an edit page."""
        return Fields(Form.of(values))

    def value(self, name: str) -> str:
        """What to show again in this field. A refused card number is not shown again."""
        return "" if name in self._hidden else self._form.get(name)

    def values(self, name: str) -> tuple[str, ...]:
        """All values to show again (check boxes)."""
        return self._form.all(name)

    def error(self, name: str) -> str:
        """The sentence beside this field, or an empty string."""
        return self.errors.get(name, "")

    def fail(self, name: str, sentence: str) -> None:
        """Note an error that the page itself found. The first one per field stays."""
        self.errors.setdefault(name, sentence)

    def text(
        self,
        name: str,
        max_length: int = 200,
        *,
        label: str = "",
        required: bool = True,
        multiline: bool = False,
        identifier: bool = False,
    ) -> str:
        """Trimmed text. `identifier` fields (EAN, tracking number) skip the card number check."""
        label = label or name.replace("_", " ").capitalize()
        text = self._form.get(name).replace("\r\n", "\n").strip()
        if not text:
            if required:
                self.fail(name, f"{label} is missing.")
            return ""
        if unwanted_character(text, multiline):
            self.fail(name, f"{label} contains control or invisible characters. Please type it again.")
        elif len(text) > max_length:
            self.fail(name, f"{label} has {len(text)} characters; at most {max_length} fit.")
        elif not identifier and holds_card_number(text):
            self._hidden.add(name)
            self.fail(name, CARD_SENTENCE)
        return text

    def email(self, name: str, *, label: str = "E-mail", required: bool = True) -> str:
        """An e-mail address, at most 254 characters, as typed apart from outer spaces."""
        text = self.text(name, 254, label=label, required=required)
        if text and not self.error(name) and not _EMAIL.fullmatch(text):
            self.fail(name, f"{label}: enter an address like name@example.com.")
        return text

    def integer(
        self,
        name: str,
        *,
        label: str = "",
        minimum: int = 0,
        maximum: int = 1_000_000_000,
        required: bool = True,
        default: int = 0,
    ) -> int:
        """A whole number within its bounds; `default` when it is empty or wrong."""
        label = label or name.replace("_", " ").capitalize()
        text = self._form.get(name).strip().replace("\N{MINUS SIGN}", "-")
        if not text:
            if required:
                self.fail(name, f"{label} is missing.")
            return default
        if not _INTEGER.fullmatch(text):
            self.fail(name, f"{label} must be a whole number.")
            return default
        value = int(text)
        if not minimum <= value <= maximum:
            self.fail(name, f"{label} must be between {minimum} and {maximum}.")
            return default
        return value

    def money(
        self,
        name: str,
        currency: str,
        *,
        label: str = "",
        minimum: int = 0,
        maximum: int = 10**12,
        required: bool = True,
        default: int = 0,
    ) -> int:
        """A sum in minor units of `currency`; bounds in minor units too."""
        label = label or name.replace("_", " ").capitalize()
        text = self._form.get(name).strip()
        if not text:
            if required:
                self.fail(name, f"{label} is missing.")
            return default
        try:
            minor = parse_money(text, currency)
        except ValueError as reason:
            self.fail(name, str(reason))
            return default
        if minor < minimum:
            self.fail(name, f"{label} is too small.")
        elif minor > maximum:
            self.fail(name, f"{label} is too large.")
        else:
            return minor
        return default

    def choice(
        self, name: str, options: Sequence[str], *, label: str = "", required: bool = True, default: str = ""
    ) -> str:
        """One of the offered values."""
        label = label or name.replace("_", " ").capitalize()
        text = self._form.get(name)
        if not text:
            if required:
                self.fail(name, f"Choose {label[:1].lower()}{label[1:]}.")
            return default
        if text not in options:
            self.fail(name, f"{label}: this choice is not offered.")
            return default
        return text

    def checked(self, name: str) -> bool:
        """Whether a check box was ticked."""
        return self._form.get(name) not in ("", "0", "off", "false")

    def date(self, name: str, *, label: str = "", required: bool = True) -> str:
        """A date `YYYY-MM-DD` that exists in the calendar, or an empty string."""
        label = label or name.replace("_", " ").capitalize()
        text = self._form.get(name).strip()
        if not text:
            if required:
                self.fail(name, f"{label} is missing.")
            return ""
        try:
            if not _DATE.fullmatch(text):
                raise ValueError
            calendar_date.fromisoformat(text)
        except ValueError:
            self.fail(name, f"{label} must be a date like 2026-11-24.")
            return ""
        return text
