"""The delivery promise: on which day will a parcel arrive, counted in business days.

Two calendars meet. The warehouse works Monday to Friday and starts on the day of the order when it comes before
the cut-off hour. The carrier moves parcels Monday to Saturday. Neither works on a holiday. All of it is counted
in the local calendar of the warehouse, so nights with a clock change cannot move a day.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SATURDAY, SUNDAY = 5, 6
WAREHOUSE_REST = frozenset({SATURDAY, SUNDAY})
CARRIER_REST = frozenset({SUNDAY})
MAX_DAYS = 365


def promise(
    now: int,
    cutoff_hour: int,
    timezone: str,
    handling_days: int,
    transit_days_max: int,
    holidays: Collection[str] = (),
) -> str:
    """The ISO date on which a parcel ordered at the instant `now` (µs) arrives at the latest.

    Equals `hands_over_on` plus `transit_days_max` carrier days. ValueError for an unknown time zone, a cut-off
    outside 0–24 or day counts outside 0–365.
    """
    _check_days("transit_days_max", transit_days_max)
    handed_over = date.fromisoformat(hands_over_on(now, cutoff_hour, timezone, handling_days, holidays))
    return _add_days(handed_over, transit_days_max, CARRIER_REST, frozenset(holidays)).isoformat()


def hands_over_on(
    now: int, cutoff_hour: int, timezone: str, handling_days: int, holidays: Collection[str] = ()
) -> str:
    """The ISO date on which the warehouse hands a parcel over: work starts today when `now` is before the
    cut-off of a working day, else on the next working day; `handling_days` working days are added to that."""
    if not 0 <= cutoff_hour <= 24:
        raise ValueError(f"the cut-off hour must be between 0 and 24, not {cutoff_hour}")
    _check_days("handling_days", handling_days)
    closed = frozenset(holidays)
    local = local_time(now, timezone)
    start = local.date()
    if local.hour >= cutoff_hour:
        start += timedelta(days=1)
    while _rests(start, WAREHOUSE_REST, closed):
        start += timedelta(days=1)
    return _add_days(start, handling_days, WAREHOUSE_REST, closed).isoformat()


def local_time(now: int, timezone: str) -> datetime:
    """The wall clock in `timezone` at the instant `now` (µs), exact. ValueError for an unknown zone."""
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"'{timezone}' is not a known time zone") from error
    return (EPOCH + timedelta(microseconds=now)).astimezone(zone)


def _add_days(start: date, days: int, rest: frozenset[int], closed: frozenset[str]) -> date:
    day = start
    while days > 0:
        day += timedelta(days=1)
        if not _rests(day, rest, closed):
            days -= 1
    return day


def _rests(day: date, rest: frozenset[int], closed: frozenset[str]) -> bool:
    return day.weekday() in rest or day.isoformat() in closed


def _check_days(name: str, days: int) -> None:
    if not 0 <= days <= MAX_DAYS:
        raise ValueError(f"{name} must be between 0 and {MAX_DAYS}, not {days}")
