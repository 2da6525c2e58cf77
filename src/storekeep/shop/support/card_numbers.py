"""Payment card numbers in free text: recognised, so that they are refused wherever text comes in. Pure."""

import re

from storekeep.kernel.errors import Problem, Refused

#: 13 to 19 digits, perhaps grouped by blanks, dots or hyphens.
_RUN = re.compile(r"(?<!\d)\d(?:[ .\u00a0-]?\d){12,18}(?!\d)")
SENTENCE = "This looks like a payment card number. Please remove it: we never need it here and must not store it."


def has_check_digit(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (Luhn; ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        digit = int(char)
        total += digit if place % 2 == 0 else digit * 2 - 9 if digit > 4 else digit * 2
    return total % 10 == 0


def holds_card_number(text: str) -> bool:
    """Whether a text holds something that can be a card number: a card's first digit (2 to 6), length, check digit."""
    runs = (re.sub(r"\D", "", run) for run in _RUN.findall(text))
    return any(digits[0] in "23456" and has_check_digit(digits) for digits in runs)


def refuse_card_number(text: str, path: str) -> None:
    """Raise `Refused` at `path` for a text with a card number in it; the refusal does not repeat the number."""
    if holds_card_number(text):
        raise Refused([Problem("card_number", SENTENCE, path=path)])
