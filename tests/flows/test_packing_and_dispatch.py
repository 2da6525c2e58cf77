"""From the pack station to the customer's door: box, label, money, hand-over, scans."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from warehouse import STAFF, Work, accounts, available, entries, mails, open_shop, units_at

from make import Shop
from storekeep.flows import cancel, dispatch, labels, packing, recover, tracking
from storekeep.kernel import inbox
from storekeep.kernel import tables as kernel_tables
from storekeep.kernel.clock import DAY, HOUR, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict, Invalid, Refused
from storekeep.kernel.queue import Again, Done, Job
from storekeep.shop.fulfillment import store as fulfillments
from storekeep.shop.fulfillment.tables import fulfillment_line
from storekeep.shop.inventory import reservations
from storekeep.shop.inventory.model import FirmLine, FirmRequest
from storekeep.shop.shipping import queries as parcels
from storekeep.shop.shipping import store as shipments
from storekeep.shop.shipping.carriers.base import CarrierError, LabelBought, LabelRequest
from storekeep.shop.shipping.carriers.demo_cards import demo_carriers
from storekeep.shop.shipping.carriers.table import TableCarrier
from storekeep.shop.shipping.tables import label_purchase
from storekeep.shop.support.tables import conversation


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> Shop:
    return open_shop(db, clock, tmp_path)


def record(shop: Shop, scans: Sequence[tracking.Scan]) -> tracking.Recorded:
    with shop.db.begin(actor="carrier") as tx:
        return tracking.record(tx, scans)


def codes(carrier: str) -> dict[str, str]:
    return {
        "swallow": {"accepted": "S20", "way": "S30", "delivered": "S70", "lost": "S95", "back": "S75"},
        "northline": {"accepted": "PUP", "way": "HUB", "delivered": "POD", "lost": "LST", "back": "COR"},
    }[carrier]


def scan(parcel: Any, what: str, at: int) -> tracking.Scan:
    return tracking.Scan(parcel.tracking_number, codes(parcel.carrier)[what], "", "Berlin", at, parcel.carrier)


def test_an_order_goes_from_claim_to_delivered_and_every_book_agrees(shop: Shop, clock: VirtualClock) -> None:
    work = Work(shop, {"MUG": 2, "TEA": 3})
    closed = work.to_the_door()
    assert closed.meets_promise
    assert (work.row.status, work.parcel.status) == ("packed", "labelled")
    assert work.parcel.tracking_number
    result = work.ship()
    assert (result.is_done, result.is_new) == (True, True)
    order = work.order
    assert (order.status, order.payment_status, order.fulfillment_status) == ("completed", "paid", "fulfilled")
    books = accounts(shop, work.order_id)
    goods_net = 1250 * 2 - 399 + 700 * 3 - 137
    assert books == {
        "1200": order.total_minor,
        "2100": -order.tax_minor,
        "4000": -goods_net,
        "4100": -(order.total_minor - order.tax_minor - goods_net),
        "5000": 2 * 500 + 3 * 300,
        "1300": -(2 * 500 + 3 * 300),
        "5200": closed.price_minor,
        "2000": -closed.price_minor,
    }
    assert (units_at(shop, "MUG", "customer"), units_at(shop, "TEA", "customer")) == (2, 3)
    assert (units_at(shop, "MUG", "packing"), available(shop, "MUG")) == (0, 3)
    assert [line.fulfilled for line in work.order_lines()] == [2, 3]
    assert mails(shop, "shipped") == 1
    clock.sleep(DAY)
    record(shop, [scan(work.parcel, "delivered", clock.now())])
    assert (work.parcel.status, work.parcel.milestone) == ("delivered", "delivered")
    assert mails(shop, "delivered") == 1


def test_only_what_was_picked_goes_into_the_box(shop: Shop) -> None:
    work = Work(shop, {"MUG": 2})
    work.pick_all()
    assert work.pack("TEA").kind == "wrong"
    assert work.pack("MUG").kind == "right"
    with pytest.raises(Refused, match="1 × MUG"):
        work.close()
    with shop.db.begin(actor="staff:x") as tx:
        assert packing.undo_last(tx, work.id, "undo 1").left == 2
    assert work.pack("MUG", 3).kind == "wrong"
    assert work.pack("MUG", 2).kind == "done"
    with pytest.raises(Invalid):
        work.close(-5)
    assert work.close(1234).weight_g == 1234
    assert work.pack("MUG").kind == "done"


def test_a_box_closed_twice_asks_for_one_label_and_one_capture(shop: Shop) -> None:
    work = Work(shop, {"MUG": 1})
    work.pick_all()
    first = work.pack_all()
    again = work.close()
    assert (again.shipment_id, again.label_key) == (first.shipment_id, None)
    shop.work()
    with shop.db.read() as tx:
        assert len(shipments.purchases_of(tx, [first.shipment_id])) == 1
        kinds = [row.kind for row in tx.rows(kernel_tables.outbox.select())]
        assert (kinds.count("label.buy"), kinds.count("payment.capture")) == (1, 1)
        why = shipments.choice_of(work.parcel)
        assert {each["code"] for each in why["not_taken"]} <= {"dearer", "late", "not_offered", "equal"}
        assert len(why["not_taken"]) == 3


def test_label_and_slip_are_kept_and_printed_again_unchanged(shop: Shop) -> None:
    work = Work(shop, {"MUG": 1})
    work.pick_all()
    work.pack_all()
    with pytest.raises(Conflict, match="nothing to print"), shop.db.begin(actor="staff:x") as tx:
        packing.reprint(tx, work.id)
    shop.work()
    with shop.db.begin(actor="staff:x") as tx:
        first, again = packing.reprint(tx, work.id), packing.reprint(tx, work.id)
        kept = parcels.papers_of(tx, work.parcel.id)
    assert first == again
    assert [paper.kind for paper in kept] == ["label", "packing_slip"]
    assert all(paper.body.startswith(b"%PDF") for paper in first)


def test_nothing_leaves_without_label_and_money(shop: Shop) -> None:
    held, good, unpacked = Work(shop, {"MUG": 1}), Work(shop, {"TEA": 1}), Work(shop, {"TEA": 2})
    good.to_the_door()
    held.pick_all()
    held.pack_all()
    with shop.db.begin(actor="staff:x") as tx:
        waits = dispatch.ready(tx)
    assert sum(len(load.ready) for load in waits) == 1
    assert "label" in next(row.why_not for load in waits for row in load.held)
    labels_only(shop)
    assert "not captured" in held.ship().text
    with shop.db.begin(actor="staff:x") as tx:
        results = dispatch.ship(tx, [held.id, good.id, unpacked.id], "evening")
    assert [result.is_done for result in results] == [False, True, False]
    assert (held.row.status, good.row.status) == ("packed", "handed_over")
    assert units_at(shop, "MUG", "customer") == 0
    shop.work()
    assert held.ship().is_done


def labels_only(shop: Shop) -> None:
    """Let the label lane work while the money lane stands still."""
    while shop.house.worker.step(["label"]):
        pass


def test_shipping_twice_books_once(shop: Shop) -> None:
    work = Work(shop, {"MUG": 1})
    work.to_the_door()
    assert work.ship("one").is_new
    again = work.ship("two")
    assert (again.is_done, again.is_new) == (True, False)
    assert (entries(shop, "order.shipped"), entries(shop, "goods.shipped")) == (1, 1)
    assert units_at(shop, "MUG", "customer") == 1
    assert mails(shop, "shipped") == 1


def test_an_order_canceled_at_the_door_stays_and_its_label_is_handed_back(shop: Shop) -> None:
    work = Work(shop, {"MUG": 2})
    closed = work.to_the_door()
    with shop.db.begin(actor="staff:x") as tx:
        dispatch.cancel_fulfillment(tx, work.id, "address is wrong")
        dispatch.cancel_fulfillment(tx, work.id, "address is wrong")
    assert (units_at(shop, "MUG", "packing"), available(shop, "MUG")) == (0, 5)
    assert work.parcel.status == "canceled"
    job = _job(shop, "label.void")
    assert accounts(shop)["5200"] == closed.price_minor
    assert labels.void_label(shop.db, demo_carriers(), job) == Done()
    assert labels.void_label(shop.db, demo_carriers(), job) == Done()
    assert "5200" not in accounts(shop)
    assert not work.ship().is_done


def test_a_cancellation_by_the_buyer_before_packing_leaves_nothing_behind(shop: Shop) -> None:
    work = Work(shop, {"MUG": 2})
    work.pick_all()
    with shop.db.begin(actor="shopper") as tx:
        cancel.cancel_order(tx, work.order_id, reason="changed my mind", command_id="c 1")
    assert work.pack("MUG").kind == "stop"
    with pytest.raises(Conflict, match="Stop"):
        work.close()
    assert available(shop, "MUG") == 5


def _job(shop: Shop, kind: str) -> Job:
    with shop.db.read() as tx:
        table = kernel_tables.outbox
        row = tx.rows(select(table).where(table.c.kind == kind).order_by(table.c.id.desc()))[0]
    return Job(row.id, row.kind, row.key, json.loads(row.payload), {}, row.subject_id, 1)


class Forgetful:
    """A table carrier whose answers get lost on the way: after the sale, or before it."""

    def __init__(self, carrier: TableCarrier, troubles: list[str]) -> None:
        self.carrier, self.troubles, self.sold = carrier, troubles, []
        self.code, self.name = carrier.code, carrier.name

    def buy(self, request: LabelRequest, key: str) -> LabelBought:
        trouble = self.troubles.pop(0) if self.troubles else ""
        if trouble == "refused":
            raise CarrierError("input", "bad_address", "The address is not known.")
        if trouble == "before":
            raise CarrierError("unknown_outcome", "timeout", "No answer.")
        bought = self.carrier.buy(request, key)
        self.sold.append(key)
        if trouble == "after":
            raise CarrierError("unknown_outcome", "timeout", "No answer.")
        return bought

    def __getattr__(self, name: str) -> Any:
        return getattr(self.carrier, name)


def forgetful(carrier: str, *troubles: str) -> dict[str, Any]:
    return {carrier: Forgetful(demo_carriers(lambda _: b"%PDF")[carrier], list(troubles))}


@pytest.mark.parametrize("trouble", ["before", "after"])
def test_a_lost_answer_is_settled_by_our_key_and_never_buys_twice(shop: Shop, trouble: str) -> None:
    work = Work(shop, {"MUG": 1})
    work.pick_all()
    closed = work.pack_all()
    carriers, job = forgetful(closed.carrier, trouble), _job(shop, "label.buy")
    assert isinstance(labels.buy_label(shop.db, carriers, job), Again)
    with shop.db.read() as tx:
        assert [row.status for row in tx.rows(label_purchase.select())] == ["unknown"]
    assert labels.buy_label(shop.db, carriers, job) == Done()
    assert labels.buy_label(shop.db, carriers, job) == Done()
    assert len(carriers[closed.carrier].sold) == 1
    assert work.parcel.status == "labelled"
    assert entries(shop, "label.bought") == 1


def test_a_label_that_arrives_after_the_parcel_was_called_off_is_handed_back(shop: Shop) -> None:
    work = Work(shop, {"MUG": 1})
    work.pick_all()
    closed = work.pack_all()
    carriers, job = forgetful(closed.carrier, "after"), _job(shop, "label.buy")
    labels.buy_label(shop.db, carriers, job)
    with shop.db.begin(actor="staff:x") as tx:
        dispatch.cancel_fulfillment(tx, work.id, "address is wrong")
    assert labels.buy_label(shop.db, carriers, job) == Done()
    assert (work.parcel.status, work.parcel.tracking_number) == ("canceled", None)
    assert labels.void_label(shop.db, carriers, _job(shop, "label.void")) == Done()
    assert not {"5200", "2000"} & set(accounts(shop))
    assert len(carriers[closed.carrier].sold) == 1


def test_a_label_that_was_not_asked_for_yet_is_never_bought_for_a_called_off_parcel(shop: Shop) -> None:
    work = Work(shop, {"MUG": 1})
    work.pick_all()
    work.pack_all()
    with shop.db.begin(actor="staff:x") as tx:
        dispatch.cancel_fulfillment(tx, work.id, "address is wrong")
    assert labels.buy_label(shop.db, None, _job(shop, "label.buy")) == Done()
    assert entries(shop, "label.bought") == 0


def test_a_shop_with_rate_cards_needs_no_other_carrier(shop: Shop) -> None:
    work = Work(shop, {"MUG": 1})
    work.pick_all()
    work.pack_all()
    assert labels.buy_label(shop.db, None, _job(shop, "label.buy")) == Done()
    with shop.db.begin(actor="staff:x") as tx:
        label, slip = packing.reprint(tx, work.id)
    assert label.body != slip.body
    assert label.body.startswith(b"%PDF")


def test_a_refused_label_makes_the_parcel_a_draft_that_can_be_closed_again(shop: Shop) -> None:
    work = Work(shop, {"MUG": 1})
    work.pick_all()
    closed = work.pack_all()
    assert labels.buy_label(shop.db, forgetful(closed.carrier, "refused"), _job(shop, "label.buy")) == Done()
    assert work.parcel.status == "draft"
    assert "no label" in work.ship().text
    assert work.close().label_key is not None
    shop.work()
    assert work.parcel.status == "labelled"
    assert work.ship().is_done


def test_a_replacement_costs_us_but_earns_nothing(shop: Shop) -> None:
    work = Work(shop, {"MUG": 1})
    work.to_the_door()
    work.ship()
    line, before = work.order_lines()[0], accounts(shop, work.order_id)
    with shop.db.begin(actor=f"staff:{STAFF}") as tx:
        want = FirmRequest(None, work.order_id, (FirmLine(line.id, line.variant_id, 1),))
        reservations.reserve_extra(tx, [want])
        again = fulfillments.NewFulfillment(
            work.order_id, work.row.order_number, work.row.warehouse_id, "reship", None,
            (fulfillments.NewLine(line.id, line.variant_id, line.sku, line.title, 1),),
        )  # fmt: skip
        work.id = fulfillments.create(tx, [again])[0]
    closed = work.to_the_door()
    assert work.ship("reship").is_done
    after = accounts(shop, work.order_id)
    assert after["5000"] == before["5000"] + 500
    assert after["5200"] == before["5200"] + closed.price_minor
    assert {code: after[code] for code in ("1200", "4000", "2100")} == {
        code: before[code] for code in ("1200", "4000", "2100")
    }
    assert [row.fulfilled for row in work.order_lines()] == [1]
    assert units_at(shop, "MUG", "customer") == 2


def test_scans_out_of_order_and_told_twice_give_the_same_way(shop: Shop, clock: VirtualClock) -> None:
    one, two = Work(shop, {"MUG": 1}), Work(shop, {"TEA": 1})
    for work in (one, two):
        work.to_the_door()
        work.ship()
    start = clock.now()
    clock.sleep(3 * DAY)
    steps = [("accepted", start + HOUR), ("way", start + DAY), ("delivered", start + 2 * DAY)]
    for what, at in reversed(steps):
        record(shop, [scan(one.parcel, what, at)] * 2)
    told = record(shop, [scan(two.parcel, what, at) for what, at in steps])
    assert told.new_count == 3
    assert record(shop, [scan(two.parcel, what, at) for what, at in steps]).new_count == 0
    for work in (one, two):
        assert (work.parcel.status, work.parcel.delivered_at) == ("delivered", start + 2 * DAY)
    with shop.db.read() as tx:
        assert len(parcels.way_of(tx, one.parcel.id)) == 3
    assert mails(shop, "delivered") == 2


def test_a_scan_from_before_our_own_hand_over_counts_from_then_on(shop: Shop, clock: VirtualClock) -> None:
    work = Work(shop, {"MUG": 1})
    work.to_the_door()
    clock.sleep(HOUR)
    record(shop, [scan(work.parcel, "delivered", clock.now())])
    assert (work.parcel.status, work.parcel.milestone) == ("labelled", "delivered")
    work.ship()
    assert work.parcel.status == "delivered"
    assert (mails(shop, "shipped"), mails(shop, "delivered")) == (1, 1)


def test_a_delivery_that_the_carrier_takes_back_is_on_its_way_again(shop: Shop, clock: VirtualClock) -> None:
    work = Work(shop, {"MUG": 1})
    work.to_the_door()
    work.ship()
    clock.sleep(DAY)
    record(shop, [scan(work.parcel, "delivered", clock.now())])
    clock.sleep(HOUR)
    record(shop, [scan(work.parcel, "back", clock.now())])
    assert (work.parcel.status, work.parcel.delivered_at) == ("handed_over", None)


def test_scans_of_foreign_or_unknown_parcels_are_named_and_move_nothing(shop: Shop, clock: VirtualClock) -> None:
    work = Work(shop, {"MUG": 1})
    work.to_the_door()
    work.ship()
    parcel = work.parcel
    other = {"swallow": "northline", "northline": "swallow"}[parcel.carrier]
    strange = tracking.Scan(parcel.tracking_number, "S70", "", "", clock.now(), other)
    told = record(shop, [strange, tracking.Scan("SW000", "S70", "", "", clock.now())])
    assert told == tracking.Recorded(0, (parcel.tracking_number, "SW000"))
    assert work.parcel.milestone == "label_created"


def test_carrier_scans_come_through_the_inbox_and_bad_ones_stay_visible(shop: Shop, clock: VirtualClock) -> None:
    work = Work(shop, {"MUG": 1})
    work.to_the_door()
    work.ship()
    parcel = work.parcel
    clock.sleep(HOUR)
    good = {"tracking_number": parcel.tracking_number, "code": codes(parcel.carrier)["delivered"], "at": clock.now()}
    bodies = [json.dumps(good), json.dumps({**good, "tracking_number": "SW1"}), "{", json.dumps({**good, "at": "noon"})]
    with shop.db.begin(actor="carrier") as tx:
        arrivals = [
            inbox.Arrival(f"carrier:{parcel.carrier}", str(n), "carrier.scan", body, {})
            for n, body in enumerate(bodies)
        ]
        inbox.store(tx, arrivals)
    shop.work()
    assert work.parcel.status == "delivered"
    with shop.db.read() as tx:
        rows = tx.rows(kernel_tables.inbox.select().order_by(kernel_tables.inbox.c.external_id))
    scans = [row for row in rows if row.kind == "carrier.scan"]
    assert [row.status for row in scans] == ["done", "dead", "dead", "dead"]
    assert "at must be" in scans[3].last_error


def test_a_silent_parcel_becomes_one_case_and_a_lost_one_another(shop: Shop, clock: VirtualClock) -> None:
    silent, heard, lost = (Work(shop, {"TEA": n}) for n in (1, 2, 3))
    for work in (silent, heard, lost):
        work.to_the_door()
        work.ship()
    clock.sleep(6 * DAY)
    record(shop, [scan(heard.parcel, "way", clock.now()), scan(lost.parcel, "lost", clock.now())])
    for _ in range(2):
        with shop.db.begin(actor="worker") as tx:
            recover.open_silent_cases(tx, 5, 100)
        record(shop, [scan(lost.parcel, "lost", clock.now())])
    with shop.db.read() as tx:
        found = {row.shipment_id: row for row in tx.rows(conversation.select())}
    assert set(found) == {silent.parcel.id, lost.parcel.id}
    assert "no scan" in found[silent.parcel.id].subject
    assert {row.kind for row in found.values()} == {"case"}


def test_two_parcels_of_one_order_add_up_to_the_order(shop: Shop) -> None:
    work = Work(shop, {"MUG": 3})
    line, row = work.line("MUG"), work.row
    with shop.db.begin(actor="owner") as tx:
        tx.run(fulfillment_line.update().where(fulfillment_line.c.id == line.id).values(qty=1))
        rest = fulfillments.NewFulfillment(
            work.order_id, row.order_number, row.warehouse_id, "sale", None,
            (fulfillments.NewLine(line.order_line_id, line.variant_id, line.sku, line.title, 2),),
        )  # fmt: skip
        second = fulfillments.create(tx, [rest])[0]
    first = work.id
    work.to_the_door()
    work.id = second
    work.to_the_door()
    with shop.db.begin(actor="staff:x") as tx:
        assert all(result.is_done for result in dispatch.ship(tx, [first, second], "evening"))
    order, books = work.order, accounts(shop, work.order_id)
    assert (order.status, books["1200"]) == ("completed", order.total_minor)
    assert -(books["4000"] + books["4100"] + books["2100"]) == order.total_minor
    assert "2300" not in books
    assert "1100" not in books
    assert mails(shop, "shipped") == 2

