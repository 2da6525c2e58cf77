"""Processes that do random work on few variants at once, and write down what they asked, what they heard, and when.

A line is written before each call and one after it, straight to the file, so that what a killed process had begun is
known. Times are of the system's monotonic clock, which all processes share.
"""

import json
import multiprocessing
import os
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import careless

from storekeep.kernel.db import Database, Tx
from storekeep.kernel.ids import RandomIds
from storekeep.shop.inventory import correcting, picking, receiving, reservations
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.errors import CountChanged, NotEnoughStock
from storekeep.shop.inventory.model import (
    AssignRequest,
    FirmLine,
    FirmRequest,
    PickRequest,
    ReceiveLine,
    ShipLine,
    Short,
)
from storekeep.shop.inventory.queries import availability_of

PATIENCE_S = 120


@dataclass(frozen=True)
class Round:
    """One round of work: the variants by name, the one bin of each, how many calls, and whether by the careless way.

    `pairs` are names that orders take together.
    """

    variants: Mapping[str, str]
    bins: Mapping[str, str]
    home: str
    pairs: Sequence[Sequence[str]]
    calls: int
    seed: int
    by: str = "shop"


class Crew:
    """Processes that wait for rounds. One that was killed is replaced for the next round."""

    def __init__(self, url: str, folder: Path, processes: int = 4) -> None:
        self._url, self._folder = url, folder
        self._spawn = multiprocessing.get_context("spawn")
        self._hands = [self._hire() for _ in range(processes)]
        self._rounds = 0

    def work(self, round_: Round, kill_after_s: float | None = None) -> list[Path]:
        """Let everybody work one round at once; returns the files they wrote. One may be killed in the middle."""
        self._rounds += 1
        files = [self._folder / f"round-{self._rounds}-{n}.jsonl" for n in range(len(self._hands))]
        for _, pipe in self._hands:
            pipe.send("ready?")
        for _, pipe in self._hands:
            _await(pipe)
        for n, (_, pipe) in enumerate(self._hands):
            pipe.send((round_, str(files[n]), n))
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            self._hands[-1][0].kill()
        for n, (process, pipe) in enumerate(self._hands):
            try:
                _await(pipe)
            except EOFError:  # the one that was killed
                process.join(PATIENCE_S)
                self._hands[n] = self._hire()
        return [file for file in files if file.exists()]

    def close(self) -> None:
        for process, pipe in self._hands:
            pipe.send(None)
            process.join(20)
            process.kill()

    def _hire(self) -> tuple[Any, Connection]:
        ours, theirs = self._spawn.Pipe()
        process = self._spawn.Process(target=_hand, args=(self._url, theirs), daemon=True)
        process.start()
        theirs.close()
        return process, ours


def _await(pipe: Connection) -> None:
    if not pipe.poll(PATIENCE_S):
        raise TimeoutError("somebody is still at work")
    answer = pipe.recv()
    if isinstance(answer, BaseException):
        raise answer


def _hand(url: str, pipe: Connection) -> None:
    db = Database(url, synchronous="OFF")
    with db.read() as tx:
        tx.sql("SELECT 1")
    while (asked := pipe.recv()) is not None:
        try:
            if asked != "ready?":
                Hand(db, *asked).work()
            pipe.send("done")
        except Exception as failure:  # the parent raises it
            pipe.send(RuntimeError(repr(failure)))
    db.close()


class Hand:
    """One process at work: it has at most one order at a time, and writes everything down."""

    def __init__(self, db: Database, round_: Round, file: str, number: int) -> None:
        self.db, self.round, self.number = db, round_, number
        self.rng = random.Random(round_.seed * 100 + number)
        self.ids = RandomIds(db.clock)
        self.order: tuple[str, dict[str, str], dict[str, int]] | None = None
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def work(self) -> None:
        for _ in range(self.round.calls):
            if self.order is None:
                self.rng.choices([self.reserve, self.receive, self.count, self.look], [6, 2, 1, 2])[0]()
            else:
                self.rng.choices([self.release, self.ship, self.count, self.look], [3, 3, 1, 1])[0]()
        os.close(self._file)

    def call(self, kind: str, asked: Mapping[str, Any], work: Any) -> Any:
        """Do one call between two lines. One that fails stays without an answer; only the careless may go on then."""
        self._write({"kind": kind, "asked": asked, "start": time.monotonic_ns()})
        try:
            answer = work()
        except Exception as failure:
            self._write({"answer": None, "error": repr(failure)})
            if self.round.by == "shop":
                raise
            return {}
        self._write({"answer": answer, "end": time.monotonic_ns()})
        return answer

    def _write(self, line: Mapping[str, Any]) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")

    def transact(self, verb: Any) -> Any:
        with self.db.begin("staff:crew") as tx:
            return verb(tx)

    def command(self) -> str:
        return self.ids.new()

    # --- calls --------------------------------------------------------------------------------------------------------

    def reserve(self) -> None:
        names = self.rng.choice(self.round.pairs)
        units = {name: self.rng.randint(1, 2) for name in names}
        order, lines = self.ids.new(), {name: self.ids.new() for name in names}

        def verb(tx: Tx) -> Any:
            wanted = tuple(FirmLine(lines[name], self.round.variants[name], n) for name, n in units.items())
            outcome = reservations.firm(tx, [FirmRequest(None, order, wanted)])[0]
            if isinstance(outcome, Short):
                return {"short": {self._name(each.variant_id): each.available for each in outcome.lines}}
            return {"ok": True}

        def carelessly() -> Any:
            return careless.reserve(self.db, order, {name: (self.round.variants[name], n) for name, n in units.items()},
                                    lines, self.round.home)  # fmt: skip

        careful = self.round.by == "shop"
        asked = {"order": order, "units": units}
        answer = self.call("reserve", asked, (lambda: self.transact(verb)) if careful else carelessly)
        if "ok" in answer:
            self.order = (order, lines, units)

    def release(self) -> None:
        assert self.order is not None
        order, lines, units = self.order
        names = {line: name for name, line in lines.items()}

        def verb(tx: Tx) -> Any:
            released = reservations.release_order(tx, order, None, "changed my mind")
            return {names[line]: n for line, n in released.items()}

        self.call("release", {"order": order, "units": units}, lambda: self.transact(verb))
        self.order = None

    def ship(self) -> None:
        """Bins, tray and hand-over in one transaction; what was taken from the order meanwhile is not sent."""
        assert self.order is not None
        order, lines, units = self.order
        work = {name: self.ids.new() for name in lines}
        variants, home = self.round.variants, self.round.home

        def verb(tx: Tx) -> Any:
            given = picking.assign(tx, [AssignRequest(work[name], order, lines[name], variants[name], home, n)
                                        for name, n in units.items()])  # fmt: skip
            picking.pick(tx, [PickRequest(one.fulfillment_line_id, one.location_id, one.qty, self.command())
                              for one in given])  # fmt: skip
            names = {line: name for name, line in work.items()}
            sent = {names[one.fulfillment_line_id]: one.qty for one in given}
            out = [ShipLine(work[name], lines[name], variants[name], n) for name, n in sent.items()]
            if out:
                picking.ship(tx, out, home, self.ids.new(), self.command())
            return sent

        self.call("ship", {"order": order, "units": units}, lambda: self.transact(verb))
        self.order = None

    def receive(self) -> None:
        name, n = self.rng.choice(sorted(self.round.variants)), self.rng.randint(1, 3)
        line = ReceiveLine(self.round.variants[name], n, 500, self.round.bins[name])

        def verb(tx: Tx) -> Any:
            receiving.receive(tx, [line], self.round.home, self.command(), "delivery")
            return {}

        self.call("receive", {"units": {name: n}}, lambda: self.transact(verb))

    def count(self) -> None:
        """Somebody looked at the bin a moment ago (or did not look), and corrects it."""
        name, delta = self.rng.choice(sorted(self.round.variants)), self.rng.choice([-2, -1, 1])
        variant, at = self.round.variants[name], self.round.bins[name]
        seen = None
        if self.rng.random() < 0.5:
            with self.db.read() as tx:
                seen = availability_of(tx, [variant])[variant].on_hand

        def verb(tx: Tx) -> Any:
            counted = Correction(variant, at, delta, "recount", self.command(), expected_qty=seen)
            done = correcting.correct(tx, [counted])
            lost: dict[str, int] = {}
            for each in done.displaced:
                lost[str(each.order_id)] = lost.get(str(each.order_id), 0) + each.qty
            return {"displaced": lost}

        def work() -> Any:
            try:
                return self.transact(verb)
            except CountChanged:
                return {"refused": "changed"}
            except NotEnoughStock:
                return {"refused": "missing"}

        self.call("count", {"variant": name, "delta": delta, "seen": seen}, work)

    def look(self) -> None:
        names = list(self.rng.choice(self.round.pairs))

        def work() -> Any:
            with self.db.read() as tx:
                found = availability_of(tx, [self.round.variants[name] for name in names])
            return {self._name(variant): [one.on_hand, one.reserved] for variant, one in found.items()}

        self.call("look", {"variants": names}, work)

    def _name(self, variant_id: str) -> str:
        return next(name for name, each in self.round.variants.items() if each == variant_id)
