"""What a planted bug is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bug:
    """A mistake as somebody would make it: in `path` (under src/storekeep) `old`, there exactly once, becomes `new`.

    `why` says how it would come about. A bug that breaks the repeatability of a run, and nothing else, is
    `found_by_twice`: the same seed is played two times and the hashes differ.
    """

    name: str
    path: str
    old: str
    new: str
    why: str
    found_by_twice: bool = False
