"""Text into words that can be compared: lower case, without accents, cut at all but letters and digits. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

LONGEST_WORD = 40
MOST_QUERY_WORDS = 8
LONGEST_QUERY = 200
_WORD = re.compile(r"[^\W_]+")
_EXPANDED = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "’": "", "'": ""})


def fold(text: str) -> str:
    """Lower case without accents: "Crème Brûlée" becomes "creme brulee"."""
    if text.isascii():
        return text.lower().replace("'", "")
    plain = unicodedata.normalize("NFKD", text.lower().translate(_EXPANDED))
    return "".join(char for char in plain if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(fold(text))]


def code_words(code: str) -> set[str]:
    """A SKU or barcode as its pieces and as one word, so that "MUG-01", "mug 01" and "mug01" all find it."""
    pieces = words(code)
    return {*pieces, "".join(pieces)[:LONGEST_WORD]} - {""}


def query_words(text: str) -> list[str]:
    """What a shopper typed, as at most eight different words; the text is cut at 200 characters."""
    return list(dict.fromkeys(words(text[:LONGEST_QUERY])))[:MOST_QUERY_WORDS]


def heaviest(parts: Iterable[tuple[Iterable[str], int]]) -> dict[str, int]:
    """Each word with the greatest weight that any part of the text gives it."""
    found: dict[str, int] = {}
    for part, weight in parts:
        for word in part:
            if found.get(word, 0) < weight:
                found[word] = weight
    return found


def one_edit_apart(typed: str, known: str) -> bool:
    """Whether one letter more, less or different, or two neighbours swapped, turn one word into the other."""
    if typed == known or abs(len(typed) - len(known)) > 1:
        return False
    start = 0
    while start < min(len(typed), len(known)) and typed[start] == known[start]:
        start += 1
    rest, other = typed[start:], known[start:]
    if len(rest) == len(other):
        return rest[1:] == other[1:] or (rest[:2] == other[:2][::-1] and rest[2:] == other[2:])
    return rest[1:] == other if len(rest) > len(other) else rest == other[1:]


def best_correction(typed: str, known: Mapping[str, int]) -> str | None:
    """The known word one edit away that most products have; among equals the first in the alphabet."""
    near = [(-count, word) for word, count in known.items() if one_edit_apart(typed, word)]
    return min(near)[1] if near else None
