"""Batches of goods with lots: foreseen and fetched in the order of expiry, and followed when a lot is withheld."""

from pathlib import Path
from typing import Any

import pytest
from cartwork import Cart
from sqlalchemy import select

import make
from storekeep.flows import batch_pick, floor, lots, receive
from storekeep.kernel.clock import DAY, VirtualClock, start_of_day
from storekeep.kernel.db import Database
from storekeep.shop.catalog import variants
from storekeep.shop.catalog.model import VariantChange
from storekeep.shop.fulfillment.cartround import tote_code
from storekeep.shop.fulfillment.model import Scanned
from storekeep.shop.fulfillment.tables import pick_stop
from storekeep.shop.inventory import foresight, locations
from storekeep.shop.inventory import lots as shelved
from storekeep.shop.inventory.foresight import ToFetch
from storekeep.shop.inventory.model import ReceiveLine

LAST = start_of_day("2027-09-29", "Europe/Berlin")
NOBODY = "0192f000-0000-7000-8000-000000000001"
#: Bin, units, lot, last day. The first bin of the walk has the lot that goes last.
ARRIVED = (("A-01-1", 6, "P3", "2027-09-30"), ("A-01-2", 2, "P1", "2027-02-28"), ("A-01-2", 4, "P2", "2027-05-31"),
           ("B-01-1", 3, "P1", "2027-02-28"), ("B-01-2", 5, "P0", "2026-12-01"))  # fmt: skip


@pytest.fixture
def cart(db: Database, clock: VirtualClock, tmp_path: Path) -> Any:
    made = Cart(make.shop(db, clock, tmp_path / "media", {"MUG": (1250, 500, 20), "PILL": (900, 300, 0)}))
    with db.begin(actor="owner") as tx:
        pill = made.shop.variants["PILL"]
        variants.update(tx, [VariantChange(pill, tracking="lot", min_days_at_ship=10)])
        lines = [ReceiveLine(pill, qty, 300, locations.by_code(tx, bin_code).id, code, day)
                 for bin_code, qty, code, day in ARRIVED]  # fmt: skip
        receive.receive(tx, lines, made.home, "pills", "delivery")
    yield made
    made.check()


def lot_id(cart: Cart, code: str) -> str:
    with cart.db.read() as tx:
        return shelved.by_code(tx, cart.shop.variants["PILL"], code).id


def foreseen(cart: Cart, *units: int) -> list[tuple[str, str, int]]:
    with cart.db.read() as tx:
        wanted = [ToFetch(f"{NOBODY[:-2]}{n:02}", cart.shop.variants["PILL"], cart.home, qty)
                  for n, qty in enumerate(units)]  # fmt: skip
        found = foresight.bins_for(tx, wanted)
        known = shelved.load(tx, {each.lot_id for each in found if each.lot_id})
        return [(each.location_code, known[str(each.lot_id)].code, each.qty) for each in found]


def stops(cart: Cart, batch: str) -> set[tuple[str, str]]:
    with cart.db.read() as tx:
        rows = tx.rows(select(pick_stop).where(pick_stop.c.batch_id == batch))
        return {(row.fulfillment_line_id, row.location_id) for row in rows}


def test_goods_are_foreseen_in_the_order_of_their_lots_and_bad_ones_not_at_all(cart: Cart) -> None:
    # P0 has too few days left; of P1, the bin with enough for all wins over the one nearer.
    assert foreseen(cart, 3) == [("B-01-1", "P1", 3)]
    assert foreseen(cart, 7, 9) == [
        ("A-01-2", "P1", 2), ("B-01-1", "P1", 3), ("A-01-2", "P2", 2), ("A-01-2", "P2", 2), ("A-01-1", "P3", 6),
    ]  # fmt: skip
    with cart.db.begin(actor="owner") as tx:
        lots.quarantine_lot(tx, lot_id(cart, "P1"), "a broken seal", "hold-1")
    assert foreseen(cart, 5) == [("A-01-2", "P2", 4), ("A-01-1", "P3", 1)]


def test_what_was_foreseen_is_where_the_released_batch_goes(cart: Cart) -> None:
    works = [cart.work({"PILL": 4}), cart.work({"PILL": 3, "MUG": 1}), cart.work({"PILL": 2})]
    (proposal,) = [each for each in cart.proposals() if each.kind == "multi_item"]
    ahead = {(fetch.line_id, fetch.location_id, fetch.qty) for work in proposal.works for fetch in work.fetches}
    batch = cart.released("multi_item", *[work.fulfillment_id for work in proposal.works])
    assert {work.fulfillment_id for work in proposal.works} == set(works)
    assert {(task.line_id, task.location_id, task.qty) for task in cart.tasks(batch)} == ahead
    assert cart.row(batch).walk_mm == proposal.route.walk_mm


def test_the_lot_is_scanned_at_the_bin_and_another_lot_is_wrong(cart: Cart) -> None:
    batch = cart.started("multi_item", cart.work({"PILL": 3}), cart.work({"PILL": 3}))
    first = cart.tasks(batch)[0]
    at = [task for task in cart.tasks(batch) if task.location_id == first.location_id]
    assert {task.lot_code for task in at} == {"P1", "P2"}
    assert [task.lot_code for task in at] == sorted(task.lot_code for task in at)
    cart.scan(batch, first.location_code)
    asked = cart.scan(batch, "PILL")
    assert (asked.kind, asked.held) == ("right", None)
    assert "now scan its lot, lot P1, expires 2027-02-28" in asked.text
    assert "scanned lot P3 of PILL" in cart.scan(batch, "p3").text
    held = cart.scan(batch, "p1", 2).held
    assert (held.qty, held.lot_id) == (2, first.lot_id)
    assert "into a tote first" in cart.scan(batch, "p2").text
    assert "does not belong" in cart.scan(batch, "T1").text
    assert cart.scan(batch, tote_code(cart.row(batch).number, first.tote_no)).is_right
    cart.walk(batch)
    assert cart.row(batch).status == "done"


def test_a_pile_of_goods_with_lots_is_scanned_once_a_lot(cart: Cart) -> None:
    batch = cart.started("single_item", *[cart.work({"PILL": 1}) for _ in range(6)])
    for code, qty in (("A-01-2", 1), ("P1", 2), ("P2", 1), ("B-01-1", 1), ("P1", 3)):
        answer = cart.scan(batch, code, qty)
        assert answer.is_right, answer.text
    assert (answer.kind, len(answer.puts), cart.row(batch).status) == ("done", 3, "done")


def test_a_bin_short_of_goods_in_two_lots_serves_the_first_totes(cart: Cart) -> None:
    batch = cart.started("multi_item", cart.work({"PILL": 8}), cart.work({"PILL": 2}))
    there = [task for task in cart.tasks(batch) if task.location_code == "A-01-2"]
    assert len({task.lot_code for task in there if task.tote_no == 1}) == 2
    with cart.db.begin(actor="hand") as tx:
        told = batch_pick.short(tx, batch, there[0].location_id, there[0].variant_id, 3, "missing", "short-1")
    assert "Tote 2" in told
    assert "Go to A-01-1" in told
    cart.walk(batch)
    assert cart.outcomes(batch) == ["picked", "picked"]


@pytest.mark.parametrize("verb", [lots.quarantine_lot, lots.recall_lot])
def test_units_of_a_lot_that_is_withheld_are_fetched_elsewhere_on_the_same_walk(cart: Cart, verb: Any) -> None:
    works = [cart.work({"PILL": 3}), cart.work({"PILL": 2, "MUG": 1})]
    batch = cart.started("multi_item", *works)
    first = next(task for task in cart.tasks(batch) if task.lot_code == "P1")
    tote = tote_code(cart.row(batch).number, first.tote_no)
    for code in (first.location_code, "P1", tote, first.location_code, "P1"):
        cart.scan(batch, code)
    before = stops(cart, batch)
    with cart.db.begin(actor="owner") as tx:
        verb(tx, lot_id(cart, "P1"), "a broken seal", "away-1")
    left = [task for task in cart.tasks(batch) if task.sku == "PILL"]
    assert sum(task.qty for task in left) == 5
    assert {task.lot_code for task in left} == {"P2", "P3"}
    cart.check()
    assert stops(cart, batch) - before
    assert "P1" not in cart.scan(batch, left[0].location_code).text
    cart.walk(batch)
    assert cart.row(batch).status == "done"


def test_a_full_tote_that_loses_its_lot_goes_to_the_pick_list(cart: Cart) -> None:
    full, other = cart.work({"PILL": 2}), cart.work({"MUG": 1})
    batch = cart.started("multi_item", full, other)
    task = next(task for task in cart.tasks(batch) if task.sku == "PILL")
    for code, qty in ((task.location_code, 1), ("P1", 2), (f"T{task.tote_no}", 1)):
        assert cart.scan(batch, code, qty).is_right
    with cart.db.begin(actor="owner") as tx:
        lots.recall_lot(tx, lot_id(cart, "P1"), "wrong dose", "recall-1")
    assert (cart.status(full), sorted(cart.outcomes(batch))) == ("picking", ["open", "picked"])
    with cart.db.begin(actor="hand") as tx:
        (again,) = floor.claim(tx, None, [full])
    assert [(stop.lot_code, stop.qty) for stop in again.stops] == [("P2", 2)]
    cart.walk(batch)
    assert (cart.status(other), cart.row(batch).status) == ("picked", "done")


def test_a_pick_made_before_its_order_joined_a_batch_is_undone_onto_the_walk(cart: Cart) -> None:
    work = cart.work({"PILL": 2, "MUG": 1})
    with cart.db.begin(actor="hand") as tx:
        (claimed,) = floor.claim(tx, None, [work])
        at = next(stop for stop in claimed.stops if stop.lot_code == "P1")
        floor.scan_all(tx, work, [Scanned(at.location_code, "before-1"), Scanned("P1", "before-2", at.qty)])
        floor.release_claim(tx, work)
    batch = cart.started("multi_item", work, cart.work({"MUG": 1}))
    assert {task.sku for task in cart.tasks(batch)} == {"MUG"}
    with cart.db.begin(actor="hand") as tx:
        assert "put 2 × PILL back" in floor.undo_last(tx, work, "undo-1").text
    assert at.location_id in {place for _, place in stops(cart, batch)}
    cart.check()
    cart.walk(batch)
    assert cart.row(batch).status == "done"


def test_units_without_a_bin_are_asked_for_again_when_the_walk_goes_on(cart: Cart, clock: VirtualClock) -> None:
    """The day of every lot is near, and the chore that says so has not run: for minutes there are units and no bin."""
    work = cart.work({"PILL": 15})
    clock.move_to(LAST - DAY)
    batch = cart.released("single", work)
    assert cart.tasks(batch) == []
    with cart.db.begin(actor="hand") as tx:
        batch_pick.start(tx, None, batch)
    assert (cart.tasks(batch), cart.row(batch).status) == ([], "in_progress")
    with cart.db.begin(actor="owner") as tx:
        variants.update(tx, [VariantChange(cart.shop.variants["PILL"], min_days_at_ship=0)])
        batch_pick.start(tx, None, batch)
    assert sum(task.qty for task in cart.tasks(batch)) == 6
    with cart.db.begin(actor="worker") as tx:
        lots.expire_due(tx)
    cart.walk(batch)
    assert cart.row(batch).status == "done"
