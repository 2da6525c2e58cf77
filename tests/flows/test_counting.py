"""Counting: small differences are booked, doubtful ones counted again by somebody else, big ones decided."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import make
from storekeep.flows import count, floor, receive
from storekeep.kernel.clock import DAY, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict, IllegalMove, Invalid
from storekeep.shop.access import staff
from storekeep.shop.access.passwords import hash_password
from storekeep.shop.access.staff import NewStaff
from storekeep.shop.inventory import count_queries, count_tasks, locations
from storekeep.shop.inventory.count_rules import AnotherPerson, CountRules, MovedMeanwhile, Unlikely, classes
from storekeep.shop.inventory.count_tasks import TaskDraft
from storekeep.shop.inventory.counting import Entry
from storekeep.shop.inventory.errors import NotEnoughStock
from storekeep.shop.inventory.queries import availability_of
from storekeep.shop.inventory.tables import count_line, count_task, reservation, stock_balance, stock_move
from storekeep.shop.orders.tables import order_line
from storekeep.shop.payments.tables import posting
from storekeep.shop.reports import verify


class Counters:
    """A shop in which people count: MUG in A-01-1 (20), BOWL in A-02-1 (10), TEA in A-03-1 (50)."""

    def __init__(self, db: Database, clock: VirtualClock, folder: Path) -> None:
        self.shop, self.db, self.clock = make.shop(db, clock, folder), db, clock
        self.commands = 0

    def command(self) -> str:
        self.commands += 1
        return f"count-command-{self.commands}"

    def bin(self, code: str) -> str:
        with self.db.read() as tx:
            return locations.by_code(tx, code).id

    def ask(self, code: str, kind: str = "cycle") -> str:
        with self.db.begin("staff:boss") as tx:
            return count.open_tasks(tx, [TaskDraft(self.bin_in(tx, code), kind, "asked by hand")])[0]

    def bin_in(self, tx: Any, code: str) -> str:
        return locations.by_code(tx, code).id

    def carry(self, tx: Any, origin: str, target: str, units: int, command: str) -> None:
        ends = self.bin_in(tx, origin), self.bin_in(tx, target)
        receive.transfer(tx, [(self.shop.variants["MUG"], *ends, units)], command)

    def line(self, task_id: str, sku: str = "MUG") -> Any:
        with self.db.read() as tx:
            return next(r for r in count_queries.lines_of(tx, task_id) if r.variant_id == self.shop.variants[sku])

    def count(self, who: str, line_id: str, units: int, command: str | None = None, **more: Any) -> str:
        with self.db.begin(f"staff:{who}") as tx:
            return count.count_lines(tx, [Entry(line_id, units, **more)], command or self.command())[0].status

    def status(self, task_id: str) -> str:
        with self.db.read() as tx:
            return str(tx.scalar(select(count_task.c.status).where(count_task.c.id == task_id)))

    def held(self, sku: str = "MUG", code: str = "A-01-1") -> int:
        with self.db.read() as tx:
            b = stock_balance.c
            query = select(b.qty).where(b.variant_id == self.shop.variants[sku], b.location_id == self.bin_in(tx, code))
            return int(tx.scalar(query) or 0)

    def counted_moves(self) -> list[Any]:
        with self.db.read() as tx:
            query = select(stock_move).where(stock_move.c.document_type == "count_line").order_by(stock_move.c.seq)
            return list(tx.rows(query))

    def check(self) -> None:
        with self.db.read() as tx:
            report = verify.run(tx)
        assert report.status == "ok", report.as_text()


@pytest.fixture
def room(db: Database, clock: VirtualClock, tmp_path: Path) -> Any:
    made = Counters(db, clock, tmp_path)
    yield made
    made.check()


def test_a_small_difference_is_booked_at_once_in_goods_and_money(room: Counters) -> None:
    task = room.ask("A-01-1")
    assert room.count("ann", room.line(task).id, 19) == "posted"
    line, moves = room.line(task), room.counted_moves()
    assert (line.counted_1, line.variance, line.value_minor, line.counter_1) == (19, -1, -500, "staff:ann")
    assert room.held() == 19
    assert [(m.qty, m.kind, m.value_minor) for m in moves] == [(1, "adjust", 500)]
    assert line.move_id == moves[0].id
    assert room.status(task) == "done"
    with room.db.read() as tx:
        booked = tx.rows(select(posting.c.amount_minor).order_by(posting.c.id.desc()).limit(2))
    assert sorted(row[0] for row in booked) == [-500, 500]


def test_a_count_that_agrees_moves_nothing_and_is_remembered(room: Counters) -> None:
    task = room.ask("A-01-1")
    assert room.count("ann", room.line(task).id, 20) == "posted"
    assert room.counted_moves() == []
    assert room.status(task) == "done"


def test_a_repeated_count_gets_its_first_answer(room: Counters) -> None:
    line = room.line(room.ask("A-01-1"))
    assert [room.count("ann", line.id, 19, "same-command") for _ in range(3)] == ["posted"] * 3
    assert room.held() == 19
    with pytest.raises(Conflict, match="something else"):
        room.count("ann", line.id, 18, "same-command")


def test_a_large_difference_is_counted_again_by_somebody_else(room: Counters) -> None:
    task = room.ask("A-01-1")
    line = room.line(task).id
    assert room.count("ann", line, 15) == "recount"
    assert room.held() == 20
    assert room.status(task) == "recount"
    with pytest.raises(AnotherPerson):
        room.count("ann", line, 15)
    assert room.count("bob", line, 15) == "posted", "two people agree, within the limit"
    assert room.held() == 15
    assert room.status(task) == "done"


def test_a_first_count_that_was_wrong_is_cleared_by_the_second(room: Counters) -> None:
    line = room.line(room.ask("A-01-1")).id
    room.count("ann", line, 2)
    assert room.count("bob", line, 20) == "posted"
    assert room.counted_moves() == []


def test_what_two_people_cannot_settle_waits_for_a_decision(room: Counters) -> None:
    task = room.ask("A-01-1")
    line = room.line(task).id
    room.count("ann", line, 4)
    assert room.count("bob", line, 6) == "review"
    assert room.held() == 20
    with pytest.raises(AnotherPerson), room.db.begin("staff:bob") as tx:
        count.approve(tx, [line], "I know it", room.command())
    for _ in range(2):
        with room.db.begin("staff:boss") as tx:
            count.approve(tx, [line], "seen it", "approve-once")
    assert room.held() == 6
    assert (room.line(task).status, room.line(task).approver) == ("posted", "staff:boss")
    assert len(room.counted_moves()) == 1


def test_a_count_that_nobody_believes_changes_nothing_and_is_made_again(room: Counters) -> None:
    line = room.line(room.ask("A-01-1")).id
    room.count("ann", line, 4)
    room.count("bob", line, 6)
    with room.db.begin("staff:boss") as tx:
        again = count.reject(tx, [line], "the carton was overlooked", room.command(), count_again=True)
    assert room.held() == 20
    fresh = room.line(again[0])
    assert fresh.status == "open"
    assert room.count("cara", fresh.id, 20) == "posted"
    with pytest.raises(IllegalMove), room.db.begin("staff:boss") as tx:
        count.approve(tx, [line], "after all", room.command())


def test_the_only_one_with_the_right_may_decide_what_they_counted_themselves(room: Counters) -> None:
    with room.db.begin("owner") as tx:
        hashed = hash_password("a long enough pass phrase")
        me = staff.create(tx, [NewStaff("me@example.com", "Me", "owner", hashed)])[0]
    line = room.line(room.ask("A-01-1")).id
    room.count(me, line, 4)
    with room.db.begin(f"staff:{me}") as tx:
        count.approve(tx, [line], "nobody else is here", room.command())
    assert room.held() == 4


def test_moves_between_count_and_decision_neither_vanish_nor_block(room: Counters) -> None:
    line = room.line(room.ask("A-01-1")).id
    room.count("ann", line, 8)
    with room.db.begin("staff:carrier") as tx:
        room.carry(tx, "A-01-1", "B-01-1", 3, "c-1")
    room.count("bob", line, 6)
    with room.db.begin("staff:carrier") as tx:
        room.carry(tx, "B-01-1", "A-01-1", 1, "c-2")
    with room.db.begin("staff:boss") as tx:
        count.approve(tx, [line], "seen it", room.command())
    assert room.held() == 6 + 1


def test_more_than_is_left_by_now_is_refused_and_the_count_stays_open_to_be_rejected(room: Counters) -> None:
    line = room.line(room.ask("A-01-1")).id
    room.count("ann", line, 4)
    room.count("bob", line, 6)
    with room.db.begin("staff:carrier") as tx:
        room.carry(tx, "A-01-1", "B-01-1", 10, "c-1")
    with pytest.raises(NotEnoughStock), room.db.begin("staff:boss") as tx:
        count.approve(tx, [line], "seen it", "too-late")
    with room.db.begin("staff:boss") as tx:
        count.reject(tx, [line], "moved meanwhile", room.command(), count_again=True)
    assert room.held() == 10


def test_whoever_counted_while_goods_were_carried_counts_again(room: Counters) -> None:
    line = room.line(room.ask("A-01-1")).id
    with room.db.read() as tx:
        _, seen = count_queries.balance_now(tx, room.shop.variants["MUG"], room.bin_in(tx, "A-01-1"))
    with room.db.begin("staff:carrier") as tx:
        room.carry(tx, "A-01-1", "B-01-1", 3, "c-1")
    with pytest.raises(MovedMeanwhile):
        room.count("ann", line, 20, seen_seq=seen)
    assert room.count("ann", line, 17, seen_seq=seen + 1) == "posted"


def test_a_difference_where_a_picker_is_on_the_way_is_doubted_however_small(room: Counters) -> None:
    make.order(room.shop, {"MUG": 2}, paid=True)
    with room.db.begin("staff:picker") as tx:
        floor.claim(tx, None)
    line = room.line(room.ask("A-01-1")).id
    assert room.count("ann", line, 19) == "recount"
    assert room.count("bob", line, 20) == "posted"


def test_ten_times_too_many_is_asked_for_once_more(room: Counters) -> None:
    line = room.line(room.ask("A-01-1")).id
    with pytest.raises(Unlikely):
        room.count("ann", line, 201)
    assert room.count("ann", line, 201, is_sure=True) == "recount"


def test_units_that_orders_had_reserved_are_taken_off_them_and_told(room: Counters) -> None:
    placed = make.order(room.shop, {"MUG": 20}, paid=True)
    with room.db.begin("owner") as tx:
        count.save_rules(tx, CountRules(recount_units=100, recount_minor=100_000, approve_units=100,
                                        approve_minor=100_000))  # fmt: skip
    assert room.count("ann", room.line(room.ask("A-01-1")).id, 17) == "posted"
    with room.db.read() as tx:
        assert tx.scalar(select(order_line.c.canceled).where(order_line.c.order_id == placed.order_id)) == 3
        kept = tx.rows(select(reservation).where(reservation.c.status == "firm"))
        assert sum(row.qty for row in kept) == 17
        assert availability_of(tx, [room.shop.variants["MUG"]])[room.shop.variants["MUG"]].available == 0


def test_found_units_come_in_at_average_cost(room: Counters) -> None:
    task = room.ask("A-01-1")
    assert room.count("ann", room.line(task).id, 22) == "posted"
    assert room.line(task).value_minor == 1000
    assert room.held() == 22


def test_something_that_the_books_do_not_have_there_can_be_counted(room: Counters) -> None:

    task = room.ask("A-01-1")
    with room.db.begin("staff:ann") as tx:
        line = count_tasks.add_goods(tx, task, room.shop.variants["TEA"])
        assert count_tasks.add_goods(tx, task, room.shop.variants["TEA"]) == line
    assert room.count("ann", line, 2) == "posted"
    assert room.held("TEA") == 2
    assert room.status(task) == "open", "the mugs are not counted yet"


def test_a_place_is_asked_for_once_at_a_time(room: Counters) -> None:
    assert room.ask("A-01-1") == room.ask("A-01-1")
    with pytest.raises(Invalid, match="nothing in"):
        room.ask("H-10-3")
    with room.db.read() as tx, pytest.raises(Invalid):
        count.open_tasks(tx, [TaskDraft(locations.places(tx, locations.warehouse_ids(tx)[0])["customer"].id,
                                        "cycle", "why not")])  # fmt: skip


def test_two_hands_do_not_get_the_same_count(room: Counters) -> None:
    first, second = room.ask("A-01-1"), room.ask("A-02-1")
    with room.db.begin("staff:ann") as tx:
        assert count.claim(tx) == [first]
    with room.db.begin("staff:bob") as tx:
        assert count.claim(tx) == [second]
    with pytest.raises(Conflict, match="somebody else"), room.db.begin("staff:bob") as tx:
        count.claim(tx, [first])
    room.count("ann", room.line(first).id, 2)
    with room.db.begin("staff:ann") as tx:
        assert count.claim(tx) == [], "the second count is for somebody else"
    with room.db.begin("staff:cara") as tx:
        assert count.claim(tx) == [first]


def test_a_short_pick_has_its_bin_counted_and_the_lost_units_found_again(room: Counters) -> None:
    make.order(room.shop, {"MUG": 5}, paid=True)
    with room.db.begin("staff:picker") as tx:
        work = floor.claim(tx, None)[0]
        floor.short(tx, work.stops[0].line_id, 3, "missing", "short-1")
        floor.short(tx, work.stops[0].line_id, 3, "missing", "short-1")
    with room.db.read() as tx:
        tasks = tx.rows(select(count_task))
    assert [(row.kind, row.status) for row in tasks] == [("short_pick", "open")]
    line = room.line(tasks[0].id)
    assert room.count("ann", line.id, 20) == "recount", "the picker is still on the way"
    assert room.count("bob", line.id, 20) == "posted"
    assert room.held() == 20


def test_an_emptied_bin_is_confirmed_or_counted(room: Counters) -> None:
    mug = room.shop.variants["MUG"]
    with room.db.begin("staff:carrier") as tx:
        at = room.bin_in(tx, "A-01-1")
        with pytest.raises(Conflict):
            count.found_empty(tx, mug, at, True, "zero-0")
        receive.transfer(tx, [(mug, at, room.bin_in(tx, "B-01-1"), 20)], "c-1")
    with room.db.begin("staff:ann") as tx:
        assert count.found_empty(tx, mug, at, True, "zero-1") == []
        assert count.found_empty(tx, mug, at, True, "zero-1") == []
        asked = count.found_empty(tx, mug, at, False, "zero-2")
    assert len(asked) == 1
    assert room.status(asked[0]) == "open"
    assert room.count("ann", room.line(asked[0]).id, 1) == "posted"
    assert room.held() == 1


def test_the_plan_asks_for_what_is_due_once_a_day_and_no_more_than_allowed(room: Counters) -> None:
    with room.db.begin("owner") as tx:
        count.save_rules(tx, CountRules(daily_bins=2))
    with room.db.begin("worker") as tx:
        assert len(count.plan_counts(tx)) == 2
        assert count.plan_counts(tx) == []
    room.clock.sleep(DAY)
    with room.db.begin("worker") as tx:
        assert len(count.plan_counts(tx)) == 1, "three bins hold goods"


def test_bins_come_due_by_class_and_on_suspicion(room: Counters) -> None:
    def due() -> list[tuple[str, str, bool]]:
        with room.db.read() as tx:
            found = count_queries.due_bins(tx, count.load_rules(tx))
            return [(each.code, each.grade, each.suspect_of is not None) for each in found]

    with room.db.begin("staff:carrier") as tx:
        room.carry(tx, "A-01-1", "B-01-1", 5, "c-1")
    there = (("A-01-1", "MUG", 15), ("A-02-1", "BOWL", 10), ("A-03-1", "TEA", 50), ("B-01-1", "MUG", 5))
    for code, sku, units in there:
        room.count("ann", room.line(room.ask(code), sku).id, units)
    assert count.sort_goods(room.db) == 3
    assert count.sort_goods(room.db) is None, "once a night"
    assert due() == []
    room.clock.sleep(29 * DAY)
    assert due() == []
    room.clock.sleep(2 * DAY)
    assert [code for code, grade, _ in due() if grade == "A"] == [code for code, _, _ in due()]
    for task in [room.ask(code) for code, _, _ in due()]:
        with room.db.read() as tx:
            lines = count_queries.lines_of(tx, task)
            held = {row.variant_id: row.qty for row in tx.rows(
                select(stock_balance).where(stock_balance.c.location_id == lines[0].location_id))}  # fmt: skip
        for line in lines:
            room.count("ann", line.id, held[line.variant_id])
    assert due() == []
    room.clock.sleep(DAY)
    room.count("ann", room.line(room.ask("A-01-1")).id, 14)
    assert due() == [("B-01-1", "A", True)], "fewer mugs were found elsewhere"


def test_classes_follow_the_share_of_value() -> None:
    assert classes([("a", 70), ("b", 20), ("c", 8), ("d", 2), ("e", 0)]) == {
        "a": "A", "b": "A", "c": "B", "d": "C", "e": "C",
    }  # fmt: skip
    assert classes([]) == {}


def test_the_line_of_a_task_that_was_called_off_is_asked_for_again_later(room: Counters) -> None:

    task = room.ask("A-01-1")
    with room.db.begin("staff:boss") as tx:
        count_tasks.call_off(tx, task, "no time today")
    assert room.status(task) == "canceled"
    assert room.ask("A-01-1") != task
    with room.db.read() as tx:
        assert {row.status for row in tx.rows(select(count_line))} == {"canceled", "open"}
