"""A count posts what was counted less the balance at its number; whatever is woven in between changes that by nothing.

A story whose counts are posted at the very end leaves every place where it leaves it when they are posted at once, as
long as no place would have held fewer than none on the way.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from stockroom import Stockroom, check_books

from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import StorekeepError
from storekeep.kernel.ids import SeededIds
from storekeep.shop.inventory import (
    adjusting,
    correcting,
    count_queries,
    count_tasks,
    counting,
    locations,
    picking,
    receiving,
)
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.count_rules import CountRules
from storekeep.shop.inventory.count_tasks import TaskDraft
from storekeep.shop.inventory.counting import Entry
from storekeep.shop.inventory.errors import NotEnoughStock
from storekeep.shop.inventory.model import PickRequest, PutawayLine, ReceiveLine
from storekeep.shop.inventory.tables import count_line, reservation, stock_balance, stock_move
from templates import share_compiled

START = 1_800_000_000_000_000
NAMES, BINS = ("MUG", "BOWL"), ("A-1", "A-2", "B-1")
#: Every first count is doubted and every second one too, so that posting waits.
DOUBT = CountRules(recount_units=0, recount_minor=0, approve_units=0, approve_minor=0)

NAME, BIN, UNITS = st.sampled_from(NAMES), st.sampled_from(BINS), st.integers(1, 4)
MOVE = st.one_of(
    st.tuples(st.just("arrive"), NAME, BIN, UNITS),
    st.tuples(st.just("wait"), NAME, BIN, UNITS),
    st.tuples(st.just("put"), NAME, BIN, UNITS),
    st.tuples(st.just("carry"), NAME, BIN, UNITS, BIN),
    st.tuples(st.just("sell"), NAME, BIN, UNITS),
    st.tuples(st.just("pick"), NAME, BIN, UNITS),
    st.tuples(st.just("scrap"), NAME, BIN, UNITS),
    st.tuples(st.just("adjust"), NAME, BIN, UNITS),
    st.tuples(st.just("block"), NAME, BIN, UNITS),
)
STEP = st.one_of(MOVE, MOVE, st.tuples(st.just("count"), NAME, BIN, st.integers(-2, 3)))


class Tale:
    """One telling of a story on a database of its own."""

    def __init__(self, template: Path) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(template, self.folder / "shop.db")
        clock = VirtualClock(START)
        ids = SeededIds(clock, seed=3)
        self.db = Database(f"sqlite:///{self.folder / 'shop.db'}", clock=clock, ids=ids, synchronous="OFF")
        share_compiled(self.db)
        self.room = Stockroom(self.db)
        for name in NAMES:
            for at in BINS:
                self.room.stock(name, 40, at, cost=333)
        #: Lines that wait to be posted
        self.waiting: list[str] = []
        #: What was done and what was refused, in order
        self.said: list[bool] = []

    def close(self) -> None:
        self.db.close()
        shutil.rmtree(self.folder)

    def attempt(self, verb: Any, *args: Any) -> Any:
        try:
            with self.db.begin("staff:somebody") as tx:
                done = verb(tx, *args)
        except StorekeepError:
            self.said.append(False)
            return None
        self.said.append(True)
        return done

    def step(self, step: tuple[Any, ...]) -> None:
        what, name, _, units, *rest = step
        room, variant, at = self.room, self.room.variants[step[1]], self.room.bins[step[2]]
        if what in ("arrive", "wait"):
            line = ReceiveLine(variant, units, 300, at if what == "arrive" else None)
            self.attempt(receiving.receive, [line], room.home, room.command(), "delivery")
        elif what == "put":
            self.attempt(receiving.putaway, [PutawayLine(variant, units, at)], room.home, room.command())
        elif what == "carry":
            self.attempt(adjusting.transfer, [(variant, at, room.bins[rest[0]], units)], room.command())
        elif what == "sell":
            room.sell(name, units)
        elif what == "pick":
            self._pick(variant, at, units)
        elif what == "scrap":
            self.attempt(adjusting.scrap, variant, at, units, "torn", room.command())
        elif what == "adjust":
            self.attempt(correcting.correct, [Correction(variant, at, units, "found", room.command())])
        elif what == "block":
            self.attempt(locations.set_status, at, "blocked" if units % 2 else "active", "broken shelf")
        else:
            self.count(variant, at, units)

    def _pick(self, variant: str, at: str, units: int) -> None:
        r = reservation.c
        with self.db.read() as tx:
            row = tx.first(select(reservation).where(r.status == "assigned", r.variant_id == variant,
                                                     r.location_id == at).order_by(r.id))  # fmt: skip
        if row is not None:
            request = PickRequest(row.fulfillment_line_id, at, min(units, row.qty), self.room.command())
            self.attempt(picking.pick, [request])

    def count(self, variant: str, at: str, off: int) -> None:
        """Somebody counts `off` units more or fewer than the books say, and a second person too."""
        with self.db.begin("staff:ann") as tx:
            draft = TaskDraft(at, "cycle", "property", variant_ids=(variant,), is_whole=False)
            made = count_tasks.open_tasks(tx, [draft])
            lines = [row for row in count_queries.lines_of(tx, made[0]) if row.variant_id == variant]
            if not lines or lines[0].status != "open":
                return  # it waits for a decision already
            held, _ = count_queries.balance_now(tx, variant, at)
            entry = Entry(lines[0].id, max(0, held + off), is_sure=True)
            told = counting.stamp(tx, [entry], DOUBT)
            if told == ["posted"]:
                counting.settle(tx, [entry.line_id], "no difference")
        if told == ["recount"]:
            with self.db.begin("staff:bob") as tx:
                counting.skip_recount(tx, [entry.line_id])
            self.waiting.append(entry.line_id)

    def post(self) -> bool:
        """Post what waits; whether every place still held enough."""
        done = True
        for line_id in self.waiting:
            try:
                with self.db.begin("staff:boss") as tx:
                    counting.settle(tx, [line_id], "decided")
            except NotEnoughStock:
                done = False
        self.waiting.clear()
        return done

    def balances(self) -> dict[tuple[str, str], int]:
        with self.db.read() as tx:
            rows = tx.rows(select(stock_balance).where(stock_balance.c.is_owned))
            places = {at: code for code, at in self.room.bins.items()}
            names = {variant: name for name, variant in self.room.variants.items()}
            return {(names[r.variant_id], places[r.location_id]): r.qty for r in rows if r.location_id in places}

    def check(self) -> None:
        check_books(self.db)
        with self.db.read() as tx:
            for line in tx.rows(select(count_line).where(count_line.c.status == "posted")):
                key = (line.variant_id, line.location_id, line.lot_id, line.at_seq)
                held = count_queries.balances_at(tx, [key])[key]
                counted = line.counted_1 if line.counted_2 is None else line.counted_2
                assert line.variance == counted - held
                moved = tx.rows(select(stock_move).where(stock_move.c.document_id == line.id))
                signed = [m.qty if m.to_location_id == line.location_id else -m.qty for m in moved]
                assert signed == ([line.variance] if line.variance else [])


@given(steps=st.lists(STEP, max_size=25))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_moves_between_count_and_post_change_the_result_by_nothing(
    sqlite_template: Path, steps: list[tuple[Any, ...]]
) -> None:
    tale = Tale(sqlite_template)
    try:
        for step in steps:
            tale.step(step)
        expected = tale.balances()
        with tale.db.read() as tx:
            waits = tx.rows(select(count_line).where(count_line.c.id.in_(tale.waiting)))
        names = {variant: name for name, variant in tale.room.variants.items()}
        places = {at: code for code, at in tale.room.bins.items()}
        for row in waits:
            expected[names[row.variant_id], places[row.location_id]] += row.variance
        if tale.post():
            assert tale.balances() == expected, "the delta is that of the count, whatever moved since"
        tale.check()
    finally:
        tale.close()


@given(
    before=st.lists(MOVE, max_size=6), between=st.lists(MOVE, max_size=10), off=st.integers(-20, 20).filter(bool)
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_count_posted_late_ends_where_one_posted_at_once_ends(
    sqlite_template: Path, before: list[Any], between: list[Any], off: int
) -> None:
    """Only moves that take nothing from anybody are told here: who gives way depends on what is there, rightly."""
    quiet = [step for step in between if step[0] in ("arrive", "wait", "put", "carry", "adjust")]
    ends = []
    for is_late in (False, True):
        tale = Tale(sqlite_template)
        try:
            for step in before:
                if step[0] not in ("sell", "block"):
                    tale.step(step)
            tale.count(tale.room.variants["MUG"], tale.room.bins["A-1"], off)
            if not is_late:
                assert tale.post()
            for step in quiet:
                tale.step(step)
            done = tale.post() if is_late else True
            ends.append((done, tale.said, tale.balances()))
            tale.check()
        finally:
            tale.close()
    (_, said, at_once), (done, said_too, late) = ends
    if done and said == said_too:  # nothing was refused in one of them for want of goods
        assert at_once == late


def test_the_check_of_this_file_finds_a_count_that_overwrote_the_balance(sqlite_template: Path) -> None:
    """What others do, setting the place to what was counted, is found by the same check."""
    tale = Tale(sqlite_template)
    try:
        mug, at = tale.room.variants["MUG"], tale.room.bins["A-1"]
        tale.count(mug, at, -5)
        tale.step(("arrive", "MUG", "A-1", 4))
        tale.post()
        with tale.db.begin("staff:careless") as tx:
            tx.run(update(count_line).values(variance=count_line.c.counted_1 - 44))
        with pytest.raises(AssertionError):
            tale.check()
    finally:
        tale.close()
