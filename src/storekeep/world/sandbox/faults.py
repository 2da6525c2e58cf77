"""Faults on demand: what goes wrong between a shop and its provider, switched on by tests and by the demo world.

Call faults: `timeout_after` (the work is done, the answer never comes), `error_after` (done, but answered 500),
`error_before` (not done, answered 500; stored under the key like any first answer), `unavailable` (503, nothing
done or stored), `rate_limit` (429), `slow`. Event faults: `drop`, `duplicate`, `delay`, `reorder`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Final

from .wire import bad

CALL_KINDS: Final = ("timeout_after", "error_after", "error_before", "unavailable", "rate_limit", "slow")
EVENT_KINDS: Final = ("drop", "duplicate", "delay", "reorder")


@dataclass(slots=True)
class Fault:
    """One fault for the next `count` calls of an operation, or the next `count` events of a type ('*' for any)."""

    kind: str
    target: str = "*"
    count: int = 1
    seconds: float = 1.0
    used: int = 0


class Faults:
    """The faults now armed. Empty unless someone arms one."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._lock = threading.Lock()

    def arm(self, given: dict[str, Any]) -> Fault:
        """Arm a fault from its JSON description; raises `Refusal` naming what is wrong with it."""
        unknown = set(given) - {"kind", "target", "count", "seconds"}
        if unknown:
            raise bad(f"Unknown field: {sorted(unknown)[0]}", "parameter_unknown", sorted(unknown)[0])
        if given.get("kind") not in CALL_KINDS + EVENT_KINDS:
            raise bad(f"kind must be one of {', '.join(CALL_KINDS + EVENT_KINDS)}", "parameter_invalid", "kind")
        count, seconds = given.get("count", 1), given.get("seconds", 1.0)
        if not isinstance(count, int) or not 1 <= count <= 1_000_000:
            raise bad("count must be a whole number from 1 to 1000000", "parameter_invalid", "count")
        if not isinstance(seconds, int | float) or not 0 <= seconds <= 3600:
            raise bad("seconds must lie between 0 and 3600", "parameter_invalid", "seconds")
        fault = Fault(given["kind"], str(given.get("target", "*")), count, float(seconds))
        with self._lock:
            self._armed.append(fault)
        return fault

    def armed(self) -> list[Fault]:
        """What is armed now, first to be used first."""
        with self._lock:
            return list(self._armed)

    def clear(self) -> None:
        """Disarm everything."""
        with self._lock:
            self._armed.clear()

    def take(self, kinds: tuple[str, ...], target: str) -> Fault | None:
        """Use up one count of the first armed fault of these kinds for this target."""
        if not self._armed:
            return None
        with self._lock:
            for fault in self._armed:
                if fault.kind in kinds and fault.target in ("*", target):
                    fault.count -= 1
                    fault.used += 1
                    if fault.count == 0:
                        self._armed.remove(fault)
                    return fault
        return None

    def event_rule(self, kind: str, now: float) -> list[float]:
        """When to deliver an event: see `book.EventRule`. `reorder` lets every second event overtake the first."""
        fault = self.take(EVENT_KINDS, kind)
        if fault is None:
            return [now]
        if fault.kind == "drop":
            return []
        if fault.kind == "duplicate":
            return [now, now]
        if fault.kind == "delay" or fault.used % 2:
            return [now + fault.seconds]
        return [now]
