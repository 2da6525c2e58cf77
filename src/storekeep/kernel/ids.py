"""Identifiers as a port: UUIDv7 in their text form, so that keys sort by the time they were made (RFC 9562, 5.7)."""

import os
import random
import threading
from typing import Protocol

from storekeep.kernel.clock import Clock


class IdSource(Protocol):
    """Gives a new id that nobody else has."""

    def new(self) -> str: ...
    def secret(self) -> str: ...


def _format(milliseconds: int, counter: int, tail: int) -> str:
    text = f"{(milliseconds << 80) | (0x7000 | counter) << 64 | (0b10 << 62) | tail:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class _Uuid7:
    """Sorts within one source even inside a millisecond: the 12 bits after the version count up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0
        self._counter = 0

    def _tail(self) -> int:
        return int.from_bytes(os.urandom(8)) >> 2

    def new(self) -> str:
        with self._lock:
            milliseconds = self._clock.now() // 1_000
            if milliseconds > self._last:
                self._last, self._counter = milliseconds, 0
            else:
                self._counter += 1
                if self._counter > 0xFFF:
                    self._last, self._counter = self._last + 1, 0
            return _format(self._last, self._counter, self._tail())


class RandomIds(_Uuid7):
    """Ids for real life, from the operating system's randomness."""

    def secret(self) -> str:
        """A token of 192 random bits, safe in a link."""
        return os.urandom(24).hex()


class SeededIds(_Uuid7):
    """Ids for a run that must repeat: the same seed and the same clock give the same ids."""

    def __init__(self, clock: Clock, seed: int) -> None:
        super().__init__(clock)
        self._random = random.Random(seed)  # noqa: S311 - repeatability is the point here

    def _tail(self) -> int:
        return self._random.getrandbits(62)

    def secret(self) -> str:
        return f"{self._random.getrandbits(192):048x}"
