"""Carriers outside: parcels' ways are fixed by the seed, told late, twice, out of order; labels are sold once."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from outside_stage import Stage
from sqlalchemy import func, select, update

from storekeep.flows import dispatch
from storekeep.kernel.clock import DAY, HOUR, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.tables import inbox
from storekeep.shop.shipping.carriers.table import tracking_number_for
from storekeep.shop.shipping.tables import label_purchase, tracking_event
from storekeep.shop.shipping.tracking_fold import ScanEvent, Tracking, fold
from storekeep.world.simulator.outside import carriers
from storekeep.world.simulator.outside.ways import CODES, lot_of, really_arrived, way_of
from storekeep.world.simulator.play import Life
from storekeep.world.simulator.trouble import Trouble

Open = Callable[..., Stage]
LEG = 8 * HOUR
START = 1_000 * DAY
NUMBERS = [tracking_number_for("SW", f"parcel {n}") for n in range(300)]

#: What is tested here is the played outside; the shop itself is tested on both.
ENGINES = ("sqlite",)


def folded(number: str, trouble: Trouble, carrier: str = "swallow") -> Tracking:
    """What the shop makes of all that will ever be told of a parcel."""
    way = way_of(1, trouble, carrier, number, START, LEG)
    events = [ScanEvent(carrier, number, each.at, each.code, "", each.place, each.told_at) for each in way]
    return fold(carrier, number, START, sorted(events, key=lambda each: each.received_at))


@pytest.mark.parametrize("carrier", sorted(CODES))
def test_without_trouble_every_parcel_arrives_within_some_legs(carrier: str) -> None:
    ends = [folded(number, Trouble(), carrier) for number in NUMBERS]
    assert {(end.milestone, end.exception, end.unmapped_count) for end in ends} == {("delivered", "none", 0)}
    times = [end.delivered_at - START for end in ends if end.delivered_at is not None]
    assert 1.5 * LEG < min(times) < max(times) < 9 * LEG
    assert any(step.milestone == "attempted" for end in ends for step in end.steps)


@pytest.mark.parametrize("carrier", sorted(CODES))
@pytest.mark.parametrize(
    ("trouble", "ends", "seen"),
    [
        (Trouble(parcel_late=1.0), {("delivered", "none")}, "delayed"),
        (Trouble(parcel_silent=1.0), {("delivered", "none")}, "none"),
        (Trouble(parcel_damaged=1.0), {("delivered", "damaged"), ("returned", "none")}, "damaged"),
        (Trouble(false_delivery=1.0), {("delivered", "none")}, "none"),
    ],
)
def test_each_trouble_ends_as_it_should(carrier: str, trouble: Trouble, ends: Any, seen: str) -> None:
    found = [folded(number, trouble, carrier) for number in NUMBERS]
    assert {(end.milestone, end.exception) for end in found} == ends
    assert all(seen in {step.exception for step in end.steps} for end in found)


def test_a_lost_parcel_never_arrives_and_half_of_them_are_declared_lost() -> None:
    trouble = Trouble(parcel_lost=1.0)
    found = [folded(number, trouble) for number in NUMBERS]
    assert not any(end.milestone == "delivered" for end in found)
    assert 100 < sum(end.exception == "lost" for end in found) < 200
    assert not any(really_arrived(1, trouble, number) for number in NUMBERS)


def test_a_false_delivery_is_not_there_unless_the_carrier_takes_it_back() -> None:
    trouble = Trouble(false_delivery=1.0)
    taken_back = {
        number: any(each.code == CODES["swallow"]["taken back"] for each in way_of(1, trouble, "swallow", number, 0, 1))
        for number in NUMBERS
    }
    assert {number: really_arrived(1, trouble, number) for number in NUMBERS} == taken_back
    assert 50 < sum(taken_back.values()) < 150


def test_silence_lasts_for_days() -> None:
    for number in NUMBERS:
        way = way_of(1, Trouble(parcel_silent=1.0), "swallow", number, START, LEG)
        gaps = [after.at - before.at for before, after in itertools.pairwise(way)]
        assert max(gaps) > 4 * DAY


def test_order_and_copies_do_not_change_what_becomes_of_a_parcel() -> None:
    trouble = Trouble(scan_out_of_order=1.0, scan_doubled=1.0)
    for number in NUMBERS:
        way = way_of(1, trouble, "northline", number, START, LEG)
        assert sum(each.copies for each in way) == len(way) + 1
        assert [each.told_at for each in way] != sorted(each.told_at for each in way)
        assert folded(number, trouble, "northline").delivered_at == folded(number, Trouble(), "northline").delivered_at


def test_as_many_parcels_have_trouble_as_were_asked_for() -> None:
    trouble = Trouble(parcel_lost=0.1, parcel_late=0.3)
    many = [lot_of(7, trouble, f"parcel {n}").fate for n in range(5_000)]
    assert many.count("lost") / 5_000 == pytest.approx(0.1, abs=0.02)
    assert many.count("late") / 5_000 == pytest.approx(0.3, abs=0.03)


def test_the_way_is_the_same_whoever_asks_and_another_one_with_another_seed() -> None:
    trouble = Trouble(parcel_late=0.5, scan_doubled=0.5)
    ways = [[way_of(seed, trouble, "swallow", number, START, LEG) for number in NUMBERS] for seed in (1, 1, 2)]
    assert ways[0] == ways[1] != ways[2]


def test_a_carrier_that_nobody_knows_tells_nothing() -> None:
    assert way_of(1, Trouble(), "somebody else", NUMBERS[0], START, LEG) == []


# In the shop --------------------------------------------------------------------------------------------------------


@pytest.fixture
def opened(db: Database, clock: VirtualClock, tmp_path: Path) -> Open:
    return lambda **troubles: Stage(db, clock, tmp_path, **troubles)


def sent(stage: Stage, count: int) -> list[str]:
    """Orders whose parcels have just left the door; only the report is still to begin."""
    stage.open_doors(reports=False)
    orders = [stage.order({"TEA": 1}) for _ in range(count)]
    for order in orders:
        stage.pay(order)
    for _ in range(20):
        stage.pass_time(HOUR)
        if all(getattr(stage.parcel(order), "status", "") == "handed_over" for order in orders):
            break
    return orders


def look(stage: Stage) -> None:
    """One report of the carriers, by somebody who remembers nothing, and its news worked off."""
    stage.play.spawn("a carrier", carriers.report)
    stage.pass_time(HOUR)


def counts(stage: Stage) -> tuple[int, int]:
    with stage.db.read() as tx:
        scans = tx.scalar(select(func.count()).select_from(tracking_event))
        told = tx.scalar(select(func.count()).select_from(inbox).where(inbox.c.kind == "carrier.scan"))
        return int(scans), int(told)


def test_parcels_are_scanned_and_arrive_whoever_was_restarted_meanwhile(opened: Open) -> None:
    stage = opened(scan_doubled=1.0, scan_out_of_order=1.0)
    orders = sent(stage, 4)
    for _ in range(26):
        look(stage)
        stage.pass_time(2 * HOUR)
    assert {stage.parcel(order).status for order in orders} == {"delivered"}
    scans, told = counts(stage)
    ways = [
        way_of(1, stage.play.trouble, parcel.carrier, parcel.tracking_number, parcel.handed_over_at, LEG)
        for parcel in map(stage.parcel, orders)
    ]
    assert scans == sum(map(len, ways))
    assert told == scans + 4
    assert stage.play.tally["fault: scan doubled"] >= 4
    assert stage.violations() == []


def test_what_happened_while_nobody_reported_is_told_later(opened: Open) -> None:
    stage = opened()
    orders = sent(stage, 2)
    stage.pass_time(40 * HOUR + 2 * DAY)
    assert counts(stage) == (0, 0)
    look(stage)
    assert {stage.parcel(order).status for order in orders} == {"delivered"}
    before = counts(stage)
    look(stage)
    assert counts(stage) == before


def test_a_false_delivery_that_is_found_out_ends_well(opened: Open) -> None:
    stage = opened(false_delivery=1.0)
    orders = sent(stage, 6)
    statuses = set()
    for _ in range(40):
        look(stage)
        stage.pass_time(2 * HOUR)
        statuses |= {(order, stage.parcel(order).status) for order in orders}
    truths = {
        order: really_arrived(1, stage.play.trouble, stage.parcel(order).tracking_number) for order in orders
    }
    with stage.db.read() as tx:
        rows = tx.rows(select(tracking_event.c.shipment_id, tracking_event.c.code))
    back = {row.shipment_id for row in rows if row.code in {CODES[each]["taken back"] for each in CODES}}
    assert {order for order in orders if truths[order]} == {
        order for order in orders if stage.parcel(order).id in back
    }
    assert {stage.parcel(order).status for order in orders} == {"delivered"}


@pytest.mark.parametrize("trouble", ["label_timeout_before", "label_timeout_after", "unavailable"])
def test_labels_whose_answers_are_lost_are_sold_once(opened: Open, trouble: str) -> None:
    stage = opened()
    orders = sent_later(stage, 5)
    stage.troubled(**{trouble: 0.5})
    stage.pass_time(DAY)
    stage.come_to_rest()
    assert stage.play.tally.total() > 5
    assert sum(n for what, n in stage.play.tally.items() if what.startswith("fault: carrier")) > 0
    assert [len(each.sold) for each in stage.carriers.values() if each.sold] == [len(orders)]
    assert stage.differences() == []


def sent_later(stage: Stage, count: int) -> list[str]:
    """Paid orders that nobody has packed yet."""
    stage.open_doors(reports=False)
    orders = [stage.order({"TEA": 1}) for _ in range(count)]
    for order in orders:
        stage.pay(order)
    return orders


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"status": "voided"}, "is voided here and bought at the carrier"),
        ({"cost_minor": 1}, "for 1"),
        ({"idempotency_key": "another"}, "that we know nothing of"),
    ],
)
def test_a_difference_about_a_label_is_named(opened: Open, values: dict[str, Any], said: str) -> None:
    stage = opened()
    sent(stage, 1)
    assert stage.differences() == []
    with stage.db.begin(actor="tamperer") as tx:
        tx.run(update(label_purchase).values(**values))
    assert any(said in each for each in stage.differences())


def test_a_label_that_was_handed_back_at_the_carrier_only_is_named(opened: Open) -> None:
    stage = opened()
    (order,) = sent(stage, 1)
    parcel = stage.parcel(order)
    stage.carriers[parcel.carrier].voided.add(parcel.tracking_number)
    assert any("is bought here and voided at the carrier" in each for each in stage.differences())
    stage.carriers[parcel.carrier].sold.clear()
    assert any("never sold" in each for each in stage.differences())


def test_a_parcel_that_is_called_off_gives_its_label_back(opened: Open) -> None:
    stage = opened()
    (order,) = sent_later(stage, 1)
    for _ in range(24):
        stage.pass_time(HOUR // 2)
        parcel = stage.parcel(order)
        if parcel is not None and parcel.status == "labelled":
            break
    with stage.db.begin(actor="staff:x") as tx:
        dispatch.cancel_fulfillment(tx, parcel.fulfillment_id, "address is wrong")
    stage.come_to_rest(HOUR)
    assert stage.carriers[parcel.carrier].voided == {parcel.tracking_number}
    assert stage.differences() == []


def test_many_parcels_are_read_in_pages(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = opened()
    sent(stage, 5)
    monkeypatch.setattr(carriers, "BATCH", 2)
    stage.pass_time(3 * DAY)
    look(stage)
    with stage.db.read() as tx:
        assert tx.scalar(select(func.count(func.distinct(tracking_event.c.shipment_id)))) == 5


def test_a_life_is_all_that_a_report_needs(opened: Open) -> None:
    stage = opened()
    (order,) = sent(stage, 1)
    stage.play.rhythm = replace(stage.play.rhythm, leg=HOUR // 60, report_every=HOUR // 60)
    stage.pass_time(HOUR)
    carriers.report(Life(stage.play, "somebody"))
    stage.pass_time(HOUR)
    assert stage.parcel(order).status == "delivered"
