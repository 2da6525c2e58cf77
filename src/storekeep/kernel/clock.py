"""Time as a port. An `Instant` is an int: microseconds since the Unix epoch, UTC. Domain code is handed one."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

Instant = int

MILLISECOND: Instant = 1_000
SECOND: Instant = 1_000_000
MINUTE: Instant = 60 * SECOND
HOUR: Instant = 60 * MINUTE
DAY: Instant = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Tells the time and waits. The shop never asks anything else for it."""

    def now(self) -> Instant: ...
    def sleep(self, duration: Instant) -> None: ...


class SystemClock:
    """The clock on the wall."""

    def now(self) -> Instant:
        return time.time_ns() // 1_000

    def sleep(self, duration: Instant) -> None:
        time.sleep(duration / SECOND)


class VirtualClock:
    """A clock that stands still until it is told to move; it never runs backwards."""

    def __init__(self, start: Instant) -> None:
        self._now = start

    def now(self) -> Instant:
        return self._now

    def sleep(self, duration: Instant) -> None:
        self._now += max(0, duration)

    def move_to(self, instant: Instant) -> None:
        self._now = max(self._now, instant)


def to_datetime(at: Instant) -> datetime:
    """The aware UTC datetime of an instant."""
    return _EPOCH + timedelta(microseconds=at)


def to_instant(moment: datetime) -> Instant:
    """The instant of an aware datetime; a naive one is refused, for nobody knows what it means."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone has no instant")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def local(at: Instant, zone: str) -> datetime:
    """The wall-clock time of an instant in a named zone."""
    return to_datetime(at).astimezone(ZoneInfo(zone))


def day_of(at: Instant, zone: str) -> str:
    """The local calendar day of an instant, as ISO text."""
    return local(at, zone).date().isoformat()


def latest_hour(at: Instant, zone: str, hour: int) -> Instant:
    """The latest instant, not after this one, at which it was this hour in a zone."""
    today = start_of_day(day_of(at, zone), zone) + hour * HOUR
    return today if today <= at else today - DAY


def start_of_day(day: str, zone: str) -> Instant:
    """The instant at which a local calendar day begins."""
    parsed = date.fromisoformat(day)
    return to_instant(datetime(parsed.year, parsed.month, parsed.day, tzinfo=ZoneInfo(zone)))
