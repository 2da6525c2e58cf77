"""Lifecycles as plain data: which status may follow which, and how each is shown. Pure, for states.py."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """How a status is shown.

    `tone` is good, warn, bad, info or idle; `icon` is ring, half, tick, triangle, octagon, dash or question.
    """

    text: str
    tone: str
    icon: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """A lifecycle: `edges[status]` are the statuses that may come next."""

    name: str
    initial: str
    edges: Mapping[str, frozenset[str]]
    labels: Mapping[str, Label]

    def allows(self, current: str, wanted: str) -> bool:
        return wanted in self.edges.get(current, frozenset())

    def statuses(self) -> tuple[str, ...]:
        return tuple(self.edges)
