"""Identifiers as a port: UUIDv7 in their text form, so that keys sort by the time they were made (RFC 9562, 5.7)."""

import os
import random
import threading
from typing import Protocol

from storekeep.kernel.clock import Clock, Instant


class IdSource(Protocol):
    """Gives a new id that nobody else has."""

    def new(self) -> str: ...
    def secret(self) -> str: ...


#: Any hexadecimal digit to one whose first two bits are 10, keeping the other two.
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def smallest_id(moment: Instant) -> str:
    """No id that was made at or after this instant is smaller (RFC 9562, 5.7)."""
    text = f"{max(moment, 0) // 1000:012x}"
    return f"{text[:8]}-{text[8:]}-7000-8000-000000000000"


class _Uuid7:
    """Sorts within one source even inside a millisecond: the 12 bits after the version count up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0
        self._counter = 0
        self._head = ""

    def _tail(self) -> str:
        """The last 64 bits as 16 hexadecimal digits, of which the first two bits are 10."""
        raise AssertionError("each source of ids makes its own tails")

    def new(self) -> str:
        with self._lock:
            milliseconds = self._clock.now() // 1_000
            if milliseconds > self._last:
                self._begin(milliseconds)
            elif self._counter == 0xFFF:
                self._begin(self._last + 1)
            else:
                self._counter += 1
            tail = self._tail()
            return f"{self._head}{self._counter:03x}-{tail[:4]}-{tail[4:]}"

    def _begin(self, milliseconds: int) -> None:
        text = f"{milliseconds:012x}"
        self._last, self._counter, self._head = milliseconds, 0, f"{text[:8]}-{text[8:]}-7"


class RandomIds(_Uuid7):
    """Ids for real life, from the operating system's randomness, fetched for 256 ids at a time."""

    _BLOCK = 256

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._digits, self._at, self._owner = "", 0, 0

    def _tail(self) -> str:
        # A forked child that kept its parent's block would hand out the parent's next ids.
        if self._at == len(self._digits) or self._owner != os.getpid():
            self._digits, self._at, self._owner = os.urandom(8 * self._BLOCK).hex(), 0, os.getpid()
        start = self._at
        self._at = start + 16
        return _VARIANT[self._digits[start]] + self._digits[start + 1 : start + 16]

    def secret(self) -> str:
        """A token of 192 random bits, safe in a link."""
        return os.urandom(24).hex()


class SeededIds(_Uuid7):
    """Ids for a run that must repeat: the same seed and the same clock give the same ids."""

    def __init__(self, clock: Clock, seed: int) -> None:
        super().__init__(clock)
        self._random = random.Random(seed)  # noqa: S311 - repeatability is the point here

    def _tail(self) -> str:
        return f"{(0b10 << 62) | self._random.getrandbits(62):016x}"

    def secret(self) -> str:
        return f"{self._random.getrandbits(192):048x}"
