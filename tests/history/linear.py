"""Is there an order of these operations, each at one moment within its call, that the sequential stock explains?

The search of Wing and Gong with the memory of Lowe: try an operation that may come next, remember which sets of done
operations were reached in which state, go back when stuck. Operations on variants that are never touched together are
independent and searched apart. An operation without an answer may have taken effect at any time since, or never.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOREVER = math.inf


@dataclass(frozen=True)
class Operation:
    """One call: what was asked, what was answered (None: nobody knows), and when it began and ended (nanoseconds).

    reserve order units       -> {"ok": true} | {"short": {variant: available}}
    release order             -> {variant: units}
    ship order                -> {variant: units}
    receive units             -> {}
    count variant delta seen  -> {"displaced": {order: units}} | {"refused": "changed" | "missing"}; seen may be None
    look variants             -> {variant: [on hand, reserved]}
    """

    kind: str
    asked: Mapping[str, Any]
    answer: Any
    start: float
    end: float
    process: int = 0

    @property
    def order(self) -> str:
        return str(self.asked["order"])


@dataclass(frozen=True)
class Stock:
    """Units on hand, and the units that each order has reserved; hashable."""

    on_hand: tuple[tuple[str, int], ...]
    held: frozenset[tuple[str, tuple[tuple[str, int], ...]]] = frozenset()

    def reserved(self, variant: str) -> int:
        return sum(n for _, units in self.held for name, n in units if name == variant)

    def of(self, order: str) -> dict[str, int]:
        return next((dict(units) for owner, units in self.held if owner == order), {})

    def carry(self, variant: str, delta: int) -> "Stock":
        return Stock(tuple((name, n + delta * (name == variant)) for name, n in self.on_hand), self.held)

    def hold(self, order: str, units: Mapping[str, int]) -> "Stock":
        """This order now has exactly these units reserved."""
        others = {(owner, had) for owner, had in self.held if owner != order}
        left = tuple(sorted((name, n) for name, n in units.items() if n))
        return Stock(self.on_hand, frozenset(others | ({(order, left)} if left else set())))


def after(stock: Stock, op: Operation) -> Iterator[Stock]:
    """The states in which `op` may leave the stock, were it done now; none when its answer cannot be true now."""
    yield from _VERBS[op.kind](stock, op)


def _reserve(stock: Stock, op: Operation) -> Iterator[Stock]:
    units, on_hand = op.asked["units"], dict(stock.on_hand)
    free = {name: on_hand[name] - stock.reserved(name) for name in units}
    short = {name: free[name] for name, n in units.items() if n > free[name]}
    if op.answer is None or op.answer == ({"short": short} if short else {"ok": True}):
        yield stock if short else stock.hold(op.order, units)


def _release(stock: Stock, op: Operation) -> Iterator[Stock]:
    if op.answer is None or op.answer == stock.of(op.order):
        yield stock.hold(op.order, {})


def _ship(stock: Stock, op: Operation) -> Iterator[Stock]:
    units = stock.of(op.order)
    if op.answer is None or op.answer == units:
        done = stock.hold(op.order, {})
        for name, n in units.items():
            done = done.carry(name, -n)
        yield done


def _receive(stock: Stock, op: Operation) -> Iterator[Stock]:
    for name, n in op.asked["units"].items():
        stock = stock.carry(name, n)
    yield stock


def _count(stock: Stock, op: Operation) -> Iterator[Stock]:
    name, delta, seen = op.asked["variant"], op.asked["delta"], op.asked["seen"]
    on_hand = dict(stock.on_hand)[name]
    refusal = "changed" if seen not in (None, on_hand) else "missing" if on_hand + delta < 0 else ""
    if refusal:
        if op.answer in (None, {"refused": refusal}):
            yield stock
        return
    excess = max(0, stock.reserved(name) - on_hand - delta)
    if op.answer is not None:
        if "displaced" in op.answer and sum(op.answer["displaced"].values()) == excess:
            yield from _displace(stock.carry(name, delta), name, op.answer["displaced"])
        return
    for losses in _ways(stock, name, excess):
        yield from _displace(stock.carry(name, delta), name, losses)


def _displace(stock: Stock, name: str, losses: Mapping[str, int]) -> Iterator[Stock]:
    for order, n in losses.items():
        units = stock.of(order)
        if units.get(name, 0) < n:
            return
        stock = stock.hold(order, {**units, name: units[name] - n})
    yield stock


def _ways(stock: Stock, name: str, excess: int) -> Iterator[dict[str, int]]:
    """All ways in which orders can lose so many units: nobody heard which it was."""
    owners = sorted((owner, dict(units)[name]) for owner, units in stock.held if name in dict(units))

    def spread(at: int, left: int) -> Iterator[dict[str, int]]:
        if left == 0:
            yield {}
        elif at < len(owners):
            for n in range(min(left, owners[at][1]) + 1):
                for rest in spread(at + 1, left - n):
                    yield {**({owners[at][0]: n} if n else {}), **rest}

    yield from spread(0, excess)


def _look(stock: Stock, op: Operation) -> Iterator[Stock]:
    on_hand = dict(stock.on_hand)
    seen = {name: [on_hand[name], stock.reserved(name)] for name in op.asked["variants"]}
    if op.answer in (None, seen):
        yield stock


_VERBS = {"reserve": _reserve, "release": _release, "ship": _ship, "receive": _receive, "count": _count, "look": _look}


# --- the search -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """Whether the history can be explained; if not, the operations among which no next one fits, and the state there.

    Those are of the longest explanation that was found, and where to start looking.
    """

    is_linear: bool
    steps: int
    stuck: tuple[Operation, ...] = ()
    stock: Stock | None = None


@dataclass
class _Node:
    """A moment of the search: the operations that are done (a bit each), the state, and what may still be tried."""

    done: int
    stock: Stock
    tries: Iterator[tuple[int, Stock]] = field(default_factory=lambda: iter(()))


class OutOfSteps(Exception):
    """The search took more steps than it was given; nothing is known."""


def check(history: Iterable[Operation], start: Stock, *, most_steps: int = 5_000_000) -> Verdict:
    """Search each independent part of a history; the first part that cannot be explained is the verdict."""
    steps = 0
    for part in parts(list(history)):
        mine = touched(part)
        stock = Stock(tuple((name, n) for name, n in start.on_hand if name in mine), start.held)
        verdict = search(part, stock, most_steps)
        steps += verdict.steps
        if not verdict.is_linear:
            return Verdict(False, steps, verdict.stuck, verdict.stock)
    return Verdict(True, steps)


def search(history: Sequence[Operation], start: Stock, most_steps: int = 5_000_000) -> Verdict:
    """Search one part. Raises `OutOfSteps`."""
    ops = sorted(history, key=lambda op: (op.start, op.end))
    answered = sum(1 << n for n, op in enumerate(ops) if op.end != FOREVER)
    here = _Node(0, start)
    here.tries = _tries(ops, here)
    path, known, steps, best = [here], {(0, start)}, 0, here
    while path:
        node = path[-1]
        if node.done & answered == answered:
            return Verdict(True, steps)
        step = next(node.tries, None)
        if step is None:
            path.pop()
            continue
        steps += 1
        if steps > most_steps:
            raise OutOfSteps(f"{len(ops)} operations, {steps} steps")
        done, stock = node.done | 1 << step[0], step[1]
        if (done, stock) in known:
            continue
        known.add((done, stock))
        fresh = _Node(done, stock)
        fresh.tries = _tries(ops, fresh)
        path.append(fresh)
        if done.bit_count() > best.done.bit_count():
            best = fresh
    return Verdict(False, steps, tuple(ops[n] for n in _next(ops, best.done)), best.stock)


def _tries(ops: Sequence[Operation], node: _Node) -> Iterator[tuple[int, Stock]]:
    for n in _next(ops, node.done):
        for stock in after(node.stock, ops[n]):
            yield n, stock


def _next(ops: Sequence[Operation], done: int) -> list[int]:
    """The operations that may come next: those that began before any that is left has ended; the first to end first."""
    first = (~done & (done + 1)).bit_length() - 1
    earliest, found = FOREVER, list[int]()
    for n in range(first, len(ops)):
        if ops[n].start > earliest:
            break
        if not done >> n & 1:
            found.append(n)
            earliest = min(earliest, ops[n].end)
    return sorted((n for n in found if ops[n].start <= earliest), key=lambda n: ops[n].end)


# --- parts ------------------------------------------------------------------------------------------------------------


def touched(history: Iterable[Operation]) -> set[str]:
    """The variants that these operations speak of."""
    return {name for op in history for name in _variants(op)}


def _variants(op: Operation) -> list[str]:
    """What an operation touches; a release or a shipment touches what its order asked for (see `asked`)."""
    if op.kind == "count":
        return [str(op.asked["variant"])]
    return list(op.asked["variants"] if op.kind == "look" else op.asked["units"])


def parts(history: Sequence[Operation]) -> list[list[Operation]]:
    """The history in groups of operations that share variants, directly or by way of others."""
    group: dict[str, str] = {}

    def root(name: str) -> str:
        while group.setdefault(name, name) != name:
            name = group[name]
        return name

    for op in history:
        names = _variants(op)
        for name in names[1:]:
            group[root(name)] = root(names[0])
    found: dict[str, list[Operation]] = {}
    for op in history:
        found.setdefault(root(_variants(op)[0]), []).append(op)
    return [found[name] for name in sorted(found)]


# --- files ------------------------------------------------------------------------------------------------------------


def read(files: Iterable[Path]) -> list[Operation]:
    """The histories that processes wrote, a line when a call began and a line when it ended; torn last lines are left
    out. A call without its end has no answer."""
    found = []
    for number, file in enumerate(sorted(files)):
        begun: dict[str, Any] | None = None
        for text in file.read_text().splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                break
            if "kind" in line:
                begun = line
            elif begun is not None:
                found.append(_operation(begun, line["answer"], line["end"] if line["answer"] is not None else FOREVER,
                                        number))  # fmt: skip
                begun = None
        if begun is not None:
            found.append(_operation(begun, None, FOREVER, number))
    return found


def _operation(begun: Mapping[str, Any], answer: Any, end: float, process: int) -> Operation:
    return Operation(begun["kind"], begun["asked"], answer, begun["start"], end, process)
