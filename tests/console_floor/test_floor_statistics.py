"""The statistics of the floor count what hands did, by person and station, with the causes of what went wrong."""

from dataclasses import replace

from floor_desk import Desk

import make
from storekeep.flows import batch_pick, floor, packing, shortage, waves
from storekeep.flows.waves import Wish
from storekeep.kernel.clock import MINUTE, SECOND
from storekeep.shop.fulfillment import batches, queries
from storekeep.shop.fulfillment import store as fulfillments
from storekeep.shop.reports import floor_work

HAND = "staff:hand"


def work(desk: Desk, wanted: dict[str, int]) -> str:
    order = make.order(desk.shop, wanted, paid=True).order_id
    with desk.shop.db.read() as tx:
        return str(queries.of_order(tx, order)[0].id)


def scanned(desk: Desk, fulfillment: str, code: str, scan_id: str) -> None:
    desk.shop.clock.sleep(30 * SECOND)
    with desk.shop.db.begin(actor=HAND) as tx:
        floor.scan(tx, fulfillment, code, scan_id)


def test_lines_units_and_time_are_counted_for_each_person_and_pauses_are_not(desk: Desk) -> None:
    since = desk.shop.clock.now()
    first, second = work(desk, {"MUG": 2, "TEA": 1}), work(desk, {"BOWL": 1})
    with desk.shop.db.begin(actor=HAND) as tx:
        floor.claim(tx, None, [first, second])
    for n, code in enumerate(("MUG", "MUG", "WRONG", "TEA")):
        scanned(desk, first, code, f"scan {n}")
    desk.shop.clock.sleep(60 * MINUTE)
    scanned(desk, second, "BOWL", "scan 9")
    with desk.shop.db.begin(actor="staff:packer") as tx:
        packing.scan(tx, first, "MUG", "pack 1")
    with desk.shop.db.read() as tx:
        picker, packer = floor_work.workers(tx, since)
    assert (picker.actor, picker.scans, picker.wrong, picker.lines, picker.units) == (HAND, 5, 1, 3, 4)
    assert picker.busy == 3 * 30 * SECOND
    assert picker.lines_per_hour is None, "of a minute and a half no pace can be told"
    assert replace(picker, busy=10 * MINUTE).lines_per_hour == 18
    assert (packer.actor, packer.station, packer.lines, packer.lines_per_hour) == ("staff:packer", "pack", 1, None)


def test_wrong_scans_of_orders_and_batches_are_told_by_cause(desk: Desk) -> None:
    since = desk.shop.clock.now()
    single, ids = work(desk, {"MUG": 2}), (work(desk, {"TEA": 1}), work(desk, {"BOWL": 1}))
    with desk.shop.db.begin(actor=HAND) as tx:
        floor.claim(tx, None, [single])
        for n, code in enumerate(("NOTHING-HAS-IT", "TEA", "H-10-1")):
            floor.scan(tx, single, code, f"single {n}")
        floor.scan(tx, single, "MUG", "single 9", 5)
        batch = waves.release(tx, waves.plan(tx, [Wish("multi_item", ids)]))[0]
        batch_pick.start(tx, None, batch)
        place = batches.tasks_of(tx, [batch])[batch][0]
        for n, code in enumerate(("TEA", place.location_code, "T1", place.sku, f"T{3 - place.tote_no}")):
            batch_pick.scan(tx, batch, code, f"walk {n}")
    with desk.shop.db.read() as tx:
        found = {cause for _, cause, _ in floor_work.causes(floor_work.wrong_scans(tx, since))}
    assert found == {
        "A code that nothing has", "Another item", "Another bin", "More units than wanted", "An item before its bin",
        "A tote before the item", "Another tote",
    }  # fmt: skip
    assert "Another bin" in desk.get("/console/floor").text


def test_short_bins_are_named_with_their_units(desk: Desk) -> None:
    since = desk.shop.clock.now()
    each = work(desk, {"MUG": 3})
    with desk.shop.db.begin(actor=HAND) as tx:
        floor.claim(tx, None, [each])
        line = fulfillments.lines_of(tx, [each])[each][0]
        shortage.short(tx, line.id, 1, "missing", "short 1")
    with desk.shop.db.read() as tx:
        short = floor_work.short_bins(tx, since)[0]
    assert (short.sku, short.reason, short.times, short.units) == ("MUG", "missing", 1, 2)
    for query in ("", "?days=1", "?days=28", "?days=x&who=nobody", f"?who={HAND}"):
        assert desk.get("/console/floor" + query).status == 200
