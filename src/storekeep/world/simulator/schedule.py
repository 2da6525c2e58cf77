"""Who acts when: every life is a greenlet that runs alone until it waits, and the schedule wakes the next one.

One thread, one life at a time, and dice of its own for the order among those who are due at one moment: with a virtual
clock and a seed, a run repeats itself exactly. With the clock on the wall the same lives move at real pace.
"""

import heapq
import random
from collections.abc import Callable
from typing import Any

from greenlet import getcurrent, greenlet

from storekeep.kernel.clock import Clock, Instant, VirtualClock

#: Two lives that would act within this time of each other act at the same moment, so that they meet more often.
GRAIN: Instant = 1_000_000


class Bell:
    """Something to wait for. Ringing it wakes whoever has waited longest."""

    def __init__(self, schedule: "Schedule") -> None:
        self._schedule = schedule
        self._waiting: list[int] = []

    def wait(self, timeout: Instant) -> None:
        """Sleep until somebody rings, at most `timeout` microseconds."""
        ticket = self._schedule.ticket()
        self._waiting.append(ticket)
        self._schedule.sleep(timeout, ticket)
        if ticket in self._waiting:
            self._waiting.remove(ticket)

    def ring(self, after: Instant = 0) -> None:
        """Wake one who waits, `after` microseconds from now; nobody more while somebody is called already."""
        if self._waiting and not self._schedule.wakes_within(self._waiting[0], after):
            self._schedule.hurry(self._waiting[0], after)


class Schedule:
    """The order of events. `turn` is the number of the event that runs now; the first is 1."""

    def __init__(self, clock: Clock, rng: random.Random, grain: Instant = GRAIN) -> None:
        self.clock, self._rng, self._grain = clock, rng, max(1, grain)
        self.turn = 0
        self._hub = getcurrent()
        #: (when, order among equals, ticket); a ticket that moved has left its old place behind
        self._heap: list[tuple[Instant, float, int]] = []
        self._asleep: dict[int, tuple[Instant, greenlet]] = {}
        self._tickets = 0
        self.on_end: Callable[[BaseException], None] | None = None

    def ticket(self) -> int:
        """A fresh number for one nap."""
        self._tickets += 1
        return self._tickets

    def spawn(self, body: Callable[[], object], after: Instant = 0) -> None:
        """Begin a life `after` microseconds from now. What it raises ends it and goes to `on_end`."""
        self._put(self.ticket(), greenlet(body, parent=self._hub), after)

    def sleep(self, duration: Instant, ticket: int | None = None) -> None:
        """Let the others go on for `duration` microseconds. Called from within a life."""
        self._put(self.ticket() if ticket is None else ticket, getcurrent(), duration)
        self._hub.switch()

    def give_way(self) -> None:
        """Let others who are due at this moment act first, if the dice say so; costs nothing when nobody is."""
        if self._heap and self._heap[0][0] <= self.clock.now() and getcurrent() is not self._hub:
            self.sleep(0)

    def hurry(self, ticket: int, after: Instant) -> None:
        """Bring a nap's end forward to `after` microseconds from now."""
        if ticket in self._asleep:
            due, sleeper = self._asleep[ticket]
            if self.clock.now() + after < due:
                self._put(ticket, sleeper, after)

    def wakes_within(self, ticket: int, time: Instant) -> bool:
        """Whether a nap ends by itself soon enough."""
        return ticket in self._asleep and self._asleep[ticket][0] <= self.clock.now() + time + self._grain

    def next_at(self) -> Instant | None:
        """When the next event is due; None when there is nobody left."""
        while self._heap and self._gone(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run_until(self, end: Instant, *, last_turn: int | None = None) -> None:
        """Virtual time: play every event due before `end`, or up to and with event number `last_turn`."""
        clock = self.clock
        assert isinstance(clock, VirtualClock), "only virtual time can be run through"
        while (at := self.next_at()) is not None and at < end:
            if last_turn is not None and self.turn >= last_turn:
                return
            clock.move_to(at)
            self._wake()
        clock.move_to(end)

    def run_due(self) -> int:
        """Wall time: play what is due by now; returns how many events that were."""
        ran = 0
        while (at := self.next_at()) is not None and at <= self.clock.now():
            self._wake()
            ran += 1
        return ran

    def close(self) -> None:
        """End every life that sleeps, for good. Only the thread that the schedule belongs to may end them."""
        asleep, self._asleep, self._heap = self._asleep, {}, []
        for _due, sleeper in asleep.values():
            sleeper.throw()

    def _put(self, ticket: int, sleeper: greenlet, after: Instant) -> None:
        due = self.clock.now() + max(0, after)
        if after > 0:
            due = -(-due // self._grain) * self._grain
        self._asleep[ticket] = (due, sleeper)
        heapq.heappush(self._heap, (due, self._rng.random(), ticket))

    def _gone(self, entry: tuple[Instant, float, int]) -> bool:
        known = self._asleep.get(entry[2])
        return known is None or known[0] != entry[0]

    def _wake(self) -> None:
        """Run the life whose turn `next_at` has just found."""
        _due, _order, ticket = heapq.heappop(self._heap)
        _at, sleeper = self._asleep.pop(ticket)
        self.turn += 1
        try:
            sleeper.switch()
        except BaseException as error:
            if self.on_end is None:
                raise
            self.on_end(error)


def in_a_life() -> bool:
    """Whether the caller runs inside a life of some schedule."""
    current: Any = getcurrent()
    return current.parent is not None
