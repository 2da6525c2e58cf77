"""The walk along the bins: claimed once, scanned one by one, undone, short, stopped when the order is called off."""

from pathlib import Path

import pytest
from warehouse import OTHER, STAFF, Work, accounts, available, entries, mails, open_shop, units_at

from make import Shop
from storekeep.flows import cancel, floor
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.fulfillment import queries


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> Shop:
    return open_shop(db, clock, tmp_path)


def test_the_next_due_work_is_claimed_once_and_lists_its_bins_along_the_walk(shop: Shop) -> None:
    work = Work(shop, {"MUG": 2, "TEA": 1})
    with shop.db.begin(actor="staff:x") as tx:
        claimed = floor.claim(tx, STAFF)
        assert [each.fulfillment_id for each in claimed] == [work.id]
        walk = [stop.walk_sequence for stop in claimed[0].stops]
        assert walk == sorted(walk)
        assert sum(stop.qty for stop in claimed[0].stops) == 3
        assert floor.claim(tx, OTHER) == []
        assert floor.claim(tx, STAFF, [work.id])[0].stops == claimed[0].stops
        with pytest.raises(Conflict, match="somebody else"):
            floor.claim(tx, OTHER, [work.id])


def test_work_is_listed_by_promised_time_and_paged_by_key(shop: Shop) -> None:
    first, second = Work(shop, {"TEA": 1}), Work(shop, {"TEA": 2})
    with shop.db.read() as tx:
        page = queries.work_list(tx, ["open"], limit=1)
        rest = queries.work_list(tx, ["open"], after=page[0].cursor)
    assert [row.id for row in [*page, *rest]] == [first.id, second.id]
    assert rest[0].units == 2


def test_right_scans_carry_goods_to_packing_until_everything_is_picked(shop: Shop) -> None:
    work = Work(shop, {"MUG": 2, "TEA": 1})
    stops = work.claim().stops
    at = next(stop for stop in stops if stop.variant_id == shop.variants["MUG"])
    there = work.scan(at.location_code.lower())
    assert (there.kind, there.qty) == ("right", 0)
    assert "2 × MUG" in there.text
    assert work.scan("mug").kind == "right"
    assert work.scan("MUG").line_left == 0
    last = work.scan("TEA")
    assert (last.kind, last.left) == ("done", 0)
    assert work.row.status == "picked"
    assert (units_at(shop, "MUG", "packing"), units_at(shop, "TEA", "packing")) == (2, 1)


def test_a_wrong_scan_says_what_was_expected_and_moves_nothing(shop: Shop) -> None:
    work = Work(shop, {"MUG": 2})
    work.claim()
    for code, said in (("BOWL", "scanned BOWL"), ("NO-SUCH", "which no product or bin has"), ("H-01-1", "bin H-01-1")):
        answer = work.scan(code)
        assert answer.kind == "wrong"
        assert said in answer.text
        assert "2 × MUG" in answer.text
    assert work.scan("MUG", 3).kind == "wrong"
    assert work.scan("MUG", 0).kind == "wrong"
    assert work.line("MUG").picked == 0
    assert units_at(shop, "MUG", "packing") == 0
    with shop.db.read() as tx:
        assert [scan.is_right for scan in queries.scans_of(tx, work.id)] == [False] * 5


def test_a_repeated_scan_gets_its_first_answer_and_picks_once(shop: Shop) -> None:
    work = Work(shop, {"MUG": 2})
    work.claim()
    first = work.scan("MUG", scan_id="gun 7: 1")
    assert work.scan("MUG", scan_id="gun 7: 1") == first
    assert work.line("MUG").picked == 1
    assert units_at(shop, "MUG", "packing") == 1


def test_undo_takes_back_the_last_right_scan_and_then_the_one_before(shop: Shop) -> None:
    work = Work(shop, {"MUG": 2, "TEA": 1})
    work.claim()
    work.scan("MUG", 2)
    work.scan("TEA")
    assert work.row.status == "picked"
    assert work.undo().sku == "TEA"
    assert work.row.status == "picking"
    assert work.undo().sku == "MUG"
    assert [line.picked for line in work.lines()] == [0, 0]
    assert units_at(shop, "MUG", "packing") == 0
    with pytest.raises(Conflict, match="no pick to undo"):
        work.undo()
    assert work.scan("MUG", 2).kind == "right"


def test_work_given_back_keeps_what_was_picked_for_the_next_hand(shop: Shop) -> None:
    work = Work(shop, {"MUG": 2})
    work.claim()
    work.scan("MUG")
    with shop.db.begin(actor="staff:x") as tx:
        floor.release_claim(tx, work.id)
        claimed = floor.claim(tx, OTHER)
    assert sum(stop.qty for stop in claimed[0].stops) == 1
    assert work.scan("MUG").kind == "done"


def test_short_at_one_bin_offers_the_next_bin_and_writes_the_missing_units_off(shop: Shop) -> None:
    work = Work(shop, {"MUG": 3})
    work.claim()
    answer = work.short("MUG", found=1)
    assert (answer.missing, [stop.qty for stop in answer.stops if stop.location_code == "B-01-1"]) == (0, [2])
    assert accounts(shop)["5100"] == 1000
    assert work.scan("MUG", 3).kind == "done"
    assert work.line("MUG").dropped == 0


def test_units_that_nobody_can_find_leave_the_order_and_less_is_captured(shop: Shop) -> None:
    work = Work(shop, {"BOWL": 2, "TEA": 1})
    # Net and tax are shared out one by one, each rounded half up, so the second of two bowls at 19.90 is worth 19.89.
    left = work.order.total_minor - 1989
    work.claim()
    answer = work.short("BOWL", found=1, reason="damaged")
    assert (answer.missing, answer.is_canceled) == (1, False)
    assert work.line("BOWL").dropped == 1
    assert work.order.owed_minor == left
    assert units_at(shop, "BOWL", "quarantine") == 1
    assert mails(shop, "canceled") == 1
    work.short("BOWL", found=1, reason="damaged")
    assert (work.line("BOWL").dropped, work.order.owed_minor) == (1, left)
    work.scan("BOWL")
    assert work.scan("TEA").kind == "done"
    work.pack_all()
    shop.work()
    assert work.order.received_minor == left
    assert work.ship().is_done
    assert work.order.status == "completed"
    assert "2300" not in accounts(shop, work.order_id)
    assert "1100" not in accounts(shop, work.order_id)


def test_an_order_of_which_nothing_is_left_is_canceled_and_its_payment_voided(shop: Shop) -> None:
    work = Work(shop, {"BOWL": 2})
    work.claim()
    answer = work.short("BOWL", found=0)
    assert answer.is_canceled
    assert "Stop" in answer.text
    shop.work()
    assert work.row.status == "canceled"
    assert (work.order.status, work.order.payment_status) == ("canceled", "voided")
    assert available(shop, "BOWL") == 0
    assert entries(shop, "goods.adjusted") == 1


def test_a_short_pick_with_impossible_numbers_is_refused(shop: Shop) -> None:
    work = Work(shop, {"MUG": 2})
    work.claim()
    with pytest.raises(Invalid):
        work.short("MUG", found=2)
    with pytest.raises(Invalid):
        work.short("MUG", found=0, reason="eaten")
    assert work.line("MUG").dropped == 0


def test_after_a_cancellation_the_next_scan_says_stop_and_the_goods_are_back(shop: Shop) -> None:
    work = Work(shop, {"MUG": 2, "TEA": 1})
    work.claim()
    work.scan("MUG", 2)
    with shop.db.begin(actor="shopper") as tx:
        cancel.cancel_order(tx, work.order_id, reason="changed my mind", command_id="cancel 1")
    answer = work.scan("TEA")
    assert answer.kind == "stop"
    assert "Put everything" in answer.text
    assert (available(shop, "MUG"), available(shop, "TEA")) == (5, 50)
    assert units_at(shop, "MUG", "packing") == 0
    shop.work()
    assert work.order.payment_status == "voided"
