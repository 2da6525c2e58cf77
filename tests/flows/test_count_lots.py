"""Counts of goods with lots: each lot is counted by itself, whatever its status, and unknown ones too."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from warehouse import Work, open_shop

import make
from make import Shop
from storekeep.flows import count, lots, receive, shortage, told_apart
from storekeep.kernel.clock import DAY, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.catalog import variants
from storekeep.shop.catalog.model import VariantChange
from storekeep.shop.inventory import count_queries, count_tasks, locations
from storekeep.shop.inventory import lots as shelved
from storekeep.shop.inventory.count_rules import MovedMeanwhile
from storekeep.shop.inventory.count_tasks import TaskDraft
from storekeep.shop.inventory.counting import Entry
from storekeep.shop.inventory.model import ReceiveLine, Step
from storekeep.shop.inventory.queries import availability_of, balances_of, warehouses
from storekeep.shop.inventory.tables import count_line, count_task, stock_move
from storekeep.shop.reports.verify.run import run


class Pills:
    """PILL in A-01-1: lots P1 (3, earliest expiry), P2 (6), P3 (4, on hold); the mugs lie there too."""

    def __init__(self, db: Database, clock: VirtualClock, folder: Path) -> None:
        self.shop: Shop = open_shop(db, clock, folder)
        make.stock(self.shop, {"PILL": (900, 300, 0)})
        self.db, self.commands, self.pill = db, 0, self.shop.variants["PILL"]
        with db.begin("owner") as tx:
            variants.update(tx, [VariantChange(self.pill, tracking="lot", shelf_life_days=900)])
            self.at, self.other = (locations.by_code(tx, code).id for code in ("A-01-1", "B-01-1"))
            arrived = (("P1", 3, "2027-01-31"), ("P2", 6, "2027-05-31"), ("P3", 4, "2027-06-30"))
            lines = [ReceiveLine(self.pill, qty, 300, self.at, code, day) for code, qty, day in arrived]
            receive.receive(tx, lines, warehouses(tx)[0].id, "pills", "delivery")
            lots.quarantine_lot(tx, shelved.by_code(tx, self.pill, "P3").id, "smells", "hold")

    def command(self) -> str:
        self.commands += 1
        return f"command-{self.commands}"

    def ask(self, kind: str = "cycle", **more: Any) -> str:
        with self.db.begin("staff:boss") as tx:
            return count.open_tasks(tx, [TaskDraft(self.at, kind, "asked by hand", **more)])[0]

    def lines(self, task: str) -> dict[str, Any]:
        """The lines of a task: of pills by the code of their lot, others by SKU."""
        skus = {variant: sku for sku, variant in self.shop.variants.items()}
        with self.db.read() as tx:
            rows = count_queries.lines_of(tx, task)
            codes = {each.id: each.code for each in shelved.load(tx, [r.lot_id for r in rows if r.lot_id]).values()}
        return {codes[row.lot_id] if row.lot_id else skus[row.variant_id]: row for row in rows}

    def count(self, who: str, line: Any, units: int, **more: Any) -> str:
        with self.db.begin(f"staff:{who}") as tx:
            return count.count_lines(tx, [Entry(line.id, units, **more)], self.command())[0].status

    def held(self) -> dict[str, int]:
        with self.db.read() as tx:
            rows = [row for row in balances_of(tx, [self.pill]) if row.location_id == self.at]
        return {row.lot_code: row.qty for row in rows}

    def available(self) -> int:
        with self.db.read() as tx:
            return availability_of(tx, [self.pill])[self.pill].available

    def lot(self, code: str) -> shelved.Lot:
        with self.db.read() as tx:
            return shelved.by_code(tx, self.pill, code)

    def found(self, task: str, code: str, expires_on: str | None = None) -> str:
        with self.db.begin("staff:ann") as tx:
            return count.found_there(tx, task, self.pill, code, expires_on)


@pytest.fixture
def room(db: Database, clock: VirtualClock, tmp_path: Path) -> Any:
    made = Pills(db, clock, tmp_path)
    yield made
    with db.read() as tx:
        assert [(one.id, one.offenders, one.reason) for one in run(tx).results if one.status != "ok"] == []


def test_every_lot_in_a_bin_is_a_line_of_its_own_also_one_on_hold(room: Pills) -> None:
    lines = room.lines(room.ask())
    assert lines.keys() >= {"P1", "P2", "P3"}
    assert len(lines) > 3, "whatever else lies there is counted with them"
    assert {line.lot_id is None for code, line in lines.items() if code not in ("P1", "P2", "P3")} == {True}


def test_a_difference_is_booked_on_its_lot_and_on_no_other(room: Pills) -> None:
    lines = room.lines(room.ask())
    assert [room.count("ann", lines["P1"], 2), room.count("ann", lines["P2"], 7)] == ["posted", "posted"]
    assert [room.count("ann", lines["P3"], 4)] == ["posted"]
    assert (room.held(), room.available()) == ({"P1": 2, "P2": 7, "P3": 4}, 9)
    with room.db.read() as tx:
        m = stock_move.c
        moved = tx.rows(select(m.lot_id, m.qty, m.value_minor).where(m.document_type == "count_line").order_by(m.seq))
    assert [tuple(row) for row in moved] == [(room.lot("P1").id, 1, 300), (room.lot("P2").id, 1, 300)]


def test_units_of_a_lot_on_hold_that_are_missing_take_nothing_off_sale(room: Pills) -> None:
    assert room.available() == 9
    assert room.count("ann", room.lines(room.ask())["P3"], 3) == "posted"
    assert (room.held()["P3"], room.available()) == (3, 9)


def test_an_order_for_a_lot_that_is_missing_is_sent_from_another(room: Pills) -> None:
    work = Work(room.shop, {"PILL": 3})
    work.claim()
    line = room.lines(room.ask())["P1"]
    assert room.count("ann", line, 1) == "recount", "a picker is on the way there, so any difference is doubted"
    assert room.count("bob", line, 1) == "posted"
    assert work.line("PILL").dropped == 0
    assert work.scan("PILL").is_right
    assert work.scan("P1").is_right
    assert work.scan("P2", 2).kind == "done"


def test_a_move_of_another_lot_disturbs_nobody_and_one_of_this_lot_does(room: Pills) -> None:
    lines = room.lines(room.ask())
    with room.db.read() as tx:
        units, seen = count_queries.balance_now(tx, room.pill, room.at, room.lot("P2").id)
        assert (units, count_queries.balance_now(tx, room.pill, room.at)[0]) == (6, 13)
    with room.db.begin("staff:carrier") as tx:
        receive.transfer(tx, [Step(room.pill, room.at, room.other, 2, room.lot("P1").id)], "carry")
    with pytest.raises(MovedMeanwhile):
        room.count("ann", lines["P1"], 3, seen_seq=seen)
    assert room.count("ann", lines["P2"], 5, seen_seq=seen) == "posted"
    assert room.count("ann", lines["P1"], 1) == "posted"
    assert room.held() == {"P1": 1, "P2": 5, "P3": 4}


def test_two_people_and_a_decision_settle_a_lot_and_a_dropped_count_is_made_anew_for_it_alone(room: Pills) -> None:
    lines = room.lines(room.ask())
    assert [room.count("ann", lines["P2"], 1), room.count("bob", lines["P2"], 2)] == ["recount", "review"]
    with room.db.begin("staff:carrier") as tx:
        receive.transfer(tx, [Step(room.pill, room.at, room.other, 1, room.lot("P1").id)], "carry 1")
        receive.transfer(tx, [Step(room.pill, room.at, room.other, 1, room.lot("P2").id)], "carry 2")
    with room.db.read() as tx:
        moved = count_queries.moved_since(tx, [lines["P2"].id, lines["P1"].id])
    assert moved == {lines["P2"].id: -1, lines["P1"].id: 0}
    with room.db.begin("staff:boss") as tx:
        again = count.reject(tx, [lines["P2"].id], "not believed", room.command(), count_again=True)
    assert room.lines(again[0]).keys() == {"P2"}
    fresh = room.lines(again[0])["P2"]
    assert [room.count("ann", fresh, 1), room.count("bob", fresh, 2)] == ["recount", "review"]
    with room.db.begin("staff:boss") as tx:
        count.approve(tx, [fresh.id], "looked at it", room.command())
    assert room.held() == {"P1": 2, "P2": 2, "P3": 4}


def test_a_lot_that_lies_elsewhere_by_the_books_is_counted_where_it_was_found(room: Pills) -> None:
    with room.db.begin("staff:carrier") as tx:
        receive.transfer(tx, [Step(room.pill, room.at, room.other, 3, room.lot("P1").id)], "carry")
    task = room.ask()
    assert "P1" not in room.lines(task)
    line = room.found(task, " p1 ")
    assert room.found(task, "P1", "2027-01-31") == line
    with pytest.raises(Invalid, match="2027-02-01 cannot be right as well"):
        room.found(task, "P1", "2027-02-01")
    assert room.count("ann", room.lines(task)["P1"], 2) == "posted"
    assert room.held()["P1"] == 2


def test_a_lot_that_nobody_booked_in_is_named_with_its_expiry_and_kept_on_hold(room: Pills) -> None:
    task = room.ask()
    odd = (("P9", None, "need their expiry"), ("P9", "31/02/2027", "not a day"), ("P 9", None, "blanks"),
           ("P9", "2099-01-01", "no lot of it lasts"))  # fmt: skip
    for code, day, why in odd:
        with pytest.raises(Invalid, match=why):
            room.found(task, code, day)
    room.found(task, "P9", "2027-08-31")
    assert (room.lot("P9").status, room.lot("P9").status_reason) == (
        "quarantined", "found in a count; nobody had booked it in")  # fmt: skip
    assert room.count("ann", room.lines(task)["P9"], 2) == "posted"
    assert (room.held()["P9"], room.available()) == (2, 9)
    with room.db.begin("staff:boss") as tx:
        lots.release_lot(tx, room.lot("P9").id, "the supplier knows it")
    assert room.available() == 11


def test_what_has_expired_is_counted_too_and_an_expired_lot_can_be_found(room: Pills, clock: VirtualClock) -> None:
    clock.sleep(100 * DAY)  # March: the day of P1 has passed
    with room.db.begin("worker") as tx:
        lots.expire_due(tx)
    assert room.lot("P1").status == "expired"
    task = room.ask()
    assert room.count("ann", room.lines(task)["P1"], 2) == "posted"
    room.found(task, "P0", "2026-12-31")
    assert (room.lot("P0").status, room.count("ann", room.lines(task)["P0"], 1)) == ("expired", "posted")
    assert room.held() == {"P0": 1, "P1": 2, "P2": 6, "P3": 4}


def test_goods_with_lots_are_never_added_without_one_nor_others_with_one(room: Pills) -> None:
    task = room.ask()
    with room.db.begin("staff:ann") as tx:
        with pytest.raises(Invalid, match="say which one lies there"):
            count.found_there(tx, task, room.pill, "", None)
        with pytest.raises(Invalid, match="another variant"):
            count_tasks.add_goods(tx, task, room.shop.variants["PILL"], shelved_of_another(tx, room))
        with pytest.raises(Invalid, match="not told apart by lot"):
            count_tasks.add_goods(tx, task, room.shop.variants["TEA"], room.lot("P1").id)


def shelved_of_another(tx: Any, room: Pills) -> str:
    """A lot of other goods."""
    bowl = room.shop.variants["BOWL"]
    home = warehouses(tx)[0].id
    return shelved.found(tx, shelved.NewLot(bowl, "B1"), home).id


def test_a_short_pick_has_the_lot_counted_that_was_short(room: Pills) -> None:
    work = Work(room.shop, {"PILL": 3})
    work.claim()
    line = work.line("PILL")
    with room.db.begin("staff:picker") as tx:
        shortage.short(tx, line.id, 0, "missing", "short 1")
    with room.db.read() as tx:
        task = tx.scalar(select(count_task.c.id).where(count_task.c.kind == "short_pick"))
    assert room.lines(task).keys() >= {"P1", "P2", "P3"}


def test_an_empty_bin_is_confirmed_for_the_lot_that_lay_there_last(room: Pills) -> None:
    with room.db.begin("staff:carrier") as tx:
        for code, units in (("P3", 4), ("P1", 3), ("P2", 6)):
            receive.transfer(tx, [Step(room.pill, room.at, room.other, units, room.lot(code).id)], f"carry {code}")
    with room.db.begin("staff:ann") as tx:
        assert count.found_empty(tx, room.pill, room.at, True, "empty 1") == []
    with room.db.read() as tx:
        rows = tx.rows(select(count_line.c.lot_id, count_line.c.counted_1, count_line.c.status))
    assert [tuple(row) for row in rows] == [(room.lot("P2").id, 0, "posted")]
    with room.db.begin("staff:ann") as tx:
        [task] = count.found_empty(tx, room.pill, room.at, False, "empty 2")
    assert room.lines(task).keys() == {"P2"}
    assert room.count("ann", room.lines(task)["P2"], 1) == "posted"
    assert room.held() == {"P2": 1}


def test_goods_under_count_keep_the_way_they_are_told_apart(room: Pills) -> None:
    with room.db.begin("owner") as tx:
        bowl = room.shop.variants["BOWL"]
        with pytest.raises(Invalid, match="in the house"):
            told_apart.change(tx, [VariantChange(bowl, tracking="lot")])
        for row in balances_of(tx, [bowl]):
            receive.scrap(tx, bowl, row.location_id, row.qty, "broken", f"scrap {row.location_id}")
        task = count.open_tasks(tx, [TaskDraft(room.at, "cycle", "by hand", variant_ids=(bowl,), is_whole=False)])[0]
        with pytest.raises(Invalid, match="a count of BOWL is under way"):
            told_apart.change(tx, [VariantChange(bowl, tracking="lot")])
        count_tasks.call_off(tx, task, "no time")
        told_apart.change(tx, [VariantChange(bowl, tracking="lot")])
        with pytest.raises(Invalid, match="nothing in A-01-1"):
            count.open_tasks(tx, [TaskDraft(room.at, "cycle", "by hand", variant_ids=(bowl,), is_whole=False)])


def test_a_count_under_way_takes_no_lot_after_the_first_round(room: Pills) -> None:
    task = room.ask(lot_ids=(room.lot("P1").id,), is_whole=False)
    assert room.count("ann", room.lines(task)["P1"], 0) == "recount"
    with pytest.raises(Conflict, match="open a new one"):
        room.found(task, "P2")
