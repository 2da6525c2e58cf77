"""Keyset paging: one row more than fits is asked for, and the last row that fits is where the next page begins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of rows; `next_after` is the key to go on from, empty on the last page."""

    rows: tuple[Any, ...]
    next_after: str = ""


def cut(rows: Sequence[Any], key: Callable[[Any], object], size: int = PAGE_SIZE) -> Listed:
    """The page out of `size + 1` rows."""
    shown = tuple(rows[:size])
    return Listed(shown, str(key(shown[-1])) if len(rows) > size else "")


def is_id(text: str) -> bool:
    """Whether a text from an address is an id at all; PostgreSQL refuses to compare anything else with one."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
