"""The figures of a run, against small stories told by hand and against SQL of our own."""

import json
import random
from pathlib import Path

import pytest

import make
from make import Shop
from storekeep.flows import (
    cancel,
    dispatch,
    floor,
    packing,
    receive,
    resolve,
    send_again,
    shortage,
    take_back,
    tracking,
)
from storekeep.flows.resolve import RefundWish
from storekeep.flows.tracking import Scan
from storekeep.kernel.clock import DAY, HOUR, MINUTE, VirtualClock, start_of_day
from storekeep.kernel.db import Database
from storekeep.shop.fulfillment.model import Scanned
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.support import cases
from storekeep.world.simulator import report, sampling
from storekeep.world.simulator.outside.ways import CODES
from storekeep.world.simulator.report.model import Figures
from storekeep.world.simulator.simulation import Run, Setting, Violation


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> Shop:
    return make.shop(db, clock, tmp_path)


def run_of(shop: Shop, **changes: object) -> Run:
    now = shop.clock.now()
    fields: dict[str, object] = {
        "setting": Setting(3, 7, "calm"), "start": now - 3 * DAY, "end": now, "events": 12, "tally": {}, "checks": 34,
        "hash": "ab12",
    }  # fmt: skip
    return Run(**(fields | changes))  # type: ignore[arg-type]


def count(shop: Shop, run: Run | None = None, **options: object) -> Figures:
    with shop.db.read() as tx:
        return report.figures(tx, run or run_of(shop), **options)  # type: ignore[arg-type]


def asked(shop: Shop, sql: str) -> int:
    with shop.db.read() as tx:
        return int(tx.sql(sql)[0][0] or 0)


def send(shop: Shop) -> None:
    """Pick, pack and hand over everything there is to send."""
    with shop.db.begin(actor="hand") as tx:
        work = floor.claim(tx, None, limit=50)
        sku = {variant: code for code, variant in shop.variants.items()}
        scans = {}
        for each in work:
            scans[each.fulfillment_id] = [
                scan
                for n, stop in enumerate(each.stops)
                for scan in (
                    Scanned(stop.location_code, f"{each.fulfillment_id} bin {n}"),
                    Scanned(sku[stop.variant_id], f"{each.fulfillment_id} pick {n}", stop.qty),
                )
            ]
        floor.scan_many(tx, scans)
    ids = [each.fulfillment_id for each in work]
    with shop.db.begin(actor="hand") as tx:
        packed = {
            each.fulfillment_id: [
                Scanned(sku[stop.variant_id], f"{each.fulfillment_id} pack {n}", stop.qty)
                for n, stop in enumerate(each.stops)
            ]
            for each in work
        }
        packing.scan_many(tx, packed)
        packing.close_many(tx, dict.fromkeys(ids), carriers=shop.house.services.carriers)
    shop.work()
    with shop.db.begin(actor="hand") as tx:
        dispatch.ship(tx, ids, f"van {ids}")
    shop.work()


def deliver(shop: Shop, order_id: str) -> None:
    """The last scan of every parcel of an order, now."""
    with shop.db.read() as tx:
        rows = tx.sql(
            "SELECT carrier, tracking_number FROM shipment WHERE order_id = :id AND delivered_at IS NULL",
            {"id": order_id},
        )
    with shop.db.begin(actor="carrier") as tx:
        tracking.record(
            tx,
            [
                Scan(row.tracking_number, CODES[row.carrier]["delivered"], "", "door", shop.clock.now(), row.carrier)
                for row in rows
            ],
        )


def lines_of(shop: Shop, order_id: str) -> list[str]:
    with shop.db.read() as tx:
        rows = tx.sql("SELECT id FROM order_line WHERE order_id = :id ORDER BY position", {"id": order_id})
        return [row.id for row in rows]


def test_an_empty_shop_has_no_rates_and_divides_by_nothing(shop: Shop) -> None:
    found = count(shop)
    assert found.orders.placed == 0
    assert (found.fill.rate, found.delivery.rate, found.stock_outs.rate) == (None, None, None)
    assert (found.cost.per_order_minor, found.risk) == (None, None)
    assert "0 violations" in report.text(found)
    assert report.page(found).startswith("<!doctype html>")


def test_orders_are_counted_by_where_they_stand(shop: Shop) -> None:
    first = make.order(shop, {"MUG": 2}, paid=True)
    make.order(shop, {"BOWL": 1}, paid=True)
    make.order(shop, {"TEA": 3})
    send(shop)
    found = count(shop).orders
    assert (found.placed, found.confirmed, found.completed, found.pending, found.open) == (3, 2, 2, 1, 0)
    assert found.units == 6
    assert found.value_minor == asked(shop, "SELECT sum(total_minor) FROM sales_order")
    assert found.confirmed_value_minor == found.value_minor - asked(
        shop, "SELECT total_minor FROM sales_order WHERE status = 'pending_payment'"
    )
    assert found.first_number == first.number


def test_units_go_from_wish_to_parcel_and_none_is_counted_twice(shop: Shop) -> None:
    make.order(shop, {"MUG": 4}, paid=True)
    send(shop)
    make.order(shop, {"TEA": 3})
    called_off = make.order(shop, {"TEA": 2}, paid=True)
    with shop.db.begin(actor="shopper") as tx:
        cancel.cancel_order(tx, called_off.order_id, reason="changed my mind", command_id="c1")
    short = make.order(shop, {"BOWL": 10}, paid=True)
    run_short(shop, short.order_id, found=8)
    make.order(shop, {"MUG": 1}, paid=True)
    tally = {"units wanted": 25, "visits": 9, "visits that found nothing": 1, "not placed: out_of_stock": 2}
    fill = count(shop, run_of(shop, tally=tally)).fill
    assert (fill.wanted, fill.ordered, fill.missed) == (25, 20, 5)
    assert (fill.sent, fill.unpaid, fill.called_off, fill.short, fill.under_way) == (4, 3, 2, 2, 9)
    assert fill.ordered == fill.unpaid + fill.called_off + fill.short + fill.under_way + fill.sent
    assert fill.rate == round(4 / (4 + 2 + 5), 4)
    assert fill.order_rate == round(4 / 6, 4)
    assert (fill.visits, fill.visits_in_vain) == (9, 3)


def run_short(shop: Shop, order_id: str, found: int) -> None:
    """A hand finds only so many units of an order's first line, and no other bin has any."""
    with shop.db.begin(actor="hand") as tx:
        rows = tx.sql("SELECT id FROM fulfillment WHERE order_id = :id", {"id": order_id})
        [work] = floor.claim(tx, None, [rows[0].id])
        stop = work.stops[0]
        shortage.short(tx, stop.line_id, found, "missing", "short 1", location_id=stop.location_id)


def test_a_parcel_is_on_time_up_to_the_end_of_its_promised_day(shop: Shop) -> None:
    orders = [make.order(shop, {"MUG": 1}, paid=True) for _ in range(3)]
    send(shop)
    with shop.db.read() as tx:
        promised = tx.sql("SELECT promised_on FROM shipment ORDER BY number LIMIT 1")[0].promised_on
    evening = start_of_day(promised, "Europe/Berlin") + 23 * HOUR + 59 * MINUTE
    shop.clock.move_to(evening)
    deliver(shop, orders[0].order_id)
    shop.clock.move_to(evening + MINUTE)
    deliver(shop, orders[1].order_id)
    shop.clock.move_to(evening + 2 * DAY)
    deliver(shop, orders[2].order_id)
    found = count(shop).delivery
    assert (found.delivered, found.promised, found.on_time) == (3, 3, 1)
    assert found.late == (("1 day", 1), ("2 days", 1))
    assert found.rate == 0.3333
    assert (found.hand_overs, found.hand_overs_on_time) == (3, 3)


def test_goods_that_leave_after_the_day_planned_are_too_late(shop: Shop) -> None:
    make.order(shop, {"MUG": 1}, paid=True)
    shop.clock.move_to(shop.clock.now() + 5 * DAY)
    send(shop)
    found = count(shop).delivery
    assert (found.hand_overs, found.hand_overs_on_time, found.hand_over_rate) == (1, 0, 0.0)


def open_case(shop: Shop, order_id: str, trouble: str) -> str:
    with shop.db.begin(actor="carrier") as tx:
        parcel = tx.sql("SELECT id FROM shipment WHERE order_id = :id ORDER BY number", {"id": order_id})[0].id
        key = f"silent:{parcel}" if trouble == "silent" else f"parcel:{parcel}:{trouble}"
        return cases.open_cases(
            tx, [cases.NewCase(key, "not_arrived", "Where is it?", order_id, parcel, "m@example.com", "Mina")]
        )[0]


def test_lost_parcels_turn_up_or_are_made_good_or_stay_open(shop: Shop) -> None:
    turned_up, made_good, still_open = (make.order(shop, {"MUG": 2}, paid=True) for _ in range(3))
    send(shop)
    for each in (turned_up, still_open):
        open_case(shop, each.order_id, "silent")
    lost = open_case(shop, made_good.order_id, "lost")
    deliver(shop, turned_up.order_id)
    with shop.db.begin(actor="agent") as tx:
        [line] = lines_of(shop, made_good.order_id)
        send_again.reship(
            tx, made_good.order_id, {line: 2}, reason="lost", command_id="again", conversation_id=lost
        )
    found = count(shop)
    assert (found.recovery.lost, found.recovery.recovered) == (3, 1)
    assert (found.recovery.made_good, found.recovery.open) == (1, 1)
    ends = {each.reason: dict(each.ends) for each in found.recovery.troubled}
    assert ends == {"silent": {"arrived after all": 1, "open": 1}, "lost": {"sent again": 1}}
    [case] = found.cases
    assert (case.kind, case.reason, case.count) == ("case", "not_arrived", 3)
    assert dict(case.ends) == {"sent again": 1, "open": 2}
    assert found.contact.cases_by_shop == 3
    assert found.contact.conversations == 0


def test_refunds_returns_and_the_cost_to_serve_follow_the_goods(shop: Shop) -> None:
    kept, returned, resent = (make.order(shop, {"MUG": 2}, paid=True) for _ in range(3))
    send(shop)
    labels = asked(shop, "SELECT sum(cost_minor) FROM label_purchase WHERE status = 'bought'")
    for each in (kept, returned, resent):
        deliver(shop, each.order_id)
    with shop.db.begin(actor="agent") as tx:
        [line] = lines_of(shop, kept.order_id)
        resolve.refund(tx, kept.order_id, RefundWish(units={line: 1}), reason="broken", command_id="r1")
    give_back(shop, returned.order_id, "scrap")
    with shop.db.begin(actor="agent") as tx:
        [line] = lines_of(shop, resent.order_id)
        send_again.reship(tx, resent.order_id, {line: 1}, reason="broken", command_id="s1")
    send(shop)
    shop.work()
    found = count(shop)
    share = 1251  # of two units at 12.50: the first carries the rounding of net and tax
    assert found.refunds.count == 2
    assert found.refunds.amount_minor == asked(shop, "SELECT sum(amount_minor) FROM refund") == 2 * share
    assert found.refunds.by_kind == (("return", 2, 2 * share),)
    assert (found.returns.announced, found.returns.units_received, found.returns.scrapped) == (1, 1, 1)
    cost = found.cost
    new_label = asked(shop, "SELECT sum(cost_minor) FROM label_purchase WHERE status = 'bought'") - labels
    assert new_label > 0
    assert cost.labels_minor == labels + new_label
    assert (cost.replaced_minor, cost.unreturned_minor, cost.scrapped_minor) == (500, share, 500)
    assert cost.total_minor == labels + new_label + 500 + share + 500
    assert cost.orders_sent == 3
    assert found.delivery.hand_overs == 3  # what is sent again was promised anew
    assert cost.per_order_minor == round(cost.total_minor / 3)


def give_back(shop: Shop, order_id: str, outcome: str) -> None:
    """One unit of an order's first line comes back and is refunded."""
    line = lines_of(shop, order_id)[0]
    with shop.db.begin(actor="agent") as tx:
        made = take_back.approve_return(tx, order_id, {line: 1}, reason="other", command_id="return 1")
    with shop.db.begin(actor="hand") as tx:
        back = tx.sql("SELECT id FROM goods_return_line WHERE return_id = :id", {"id": made.remedy_id})[0].id
        take_back.receive(tx, made.remedy_id, {back: 1}, "return in")
        take_back.dispose(tx, back, 1, outcome, "return out")
    with shop.db.begin(actor="agent") as tx:
        take_back.refund_for_return(tx, made.remedy_id, reason="returned", command_id="return money")


def test_no_unit_and_no_cent_comes_from_nowhere(shop: Shop) -> None:
    order = make.order(shop, {"MUG": 3}, paid=True)
    send(shop)
    give_back(shop, order.order_id, "scrap")
    shop.work()
    with shop.db.begin(actor="hand") as tx:
        bin_id = tx.sql(
            "SELECT b.location_id FROM stock_balance b JOIN location l ON l.id = b.location_id "
            "WHERE b.variant_id = :id AND l.kind = 'bin' AND b.qty > 0",
            {"id": shop.variants["BOWL"]},
        )[0].location_id
        receive.adjust(tx, [Correction(shop.variants["BOWL"], bin_id, -2, "counted", "count 1")])
    found = count(shop)
    goods = found.goods
    assert (goods.received, goods.returned, goods.sent, goods.scrapped, goods.lost) == (80, 1, 3, 1, 2)
    assert (goods.on_hand, goods.difference) == (75, 0)
    money = found.money
    assert money.taken_minor == asked(shop, "SELECT sum(captured_minor) FROM payment")
    assert money.given_back_minor == 1250
    assert (money.difference_minor, money.postings_sum_minor) == (0, 0)


def test_a_unit_from_nowhere_shows_as_a_difference(shop: Shop) -> None:
    with shop.db.begin(actor="thief") as tx:
        tx.sql(
            "UPDATE stock_balance SET qty = qty - 1 WHERE variant_id = :id AND is_owned RETURNING qty",
            {"id": shop.variants["MUG"]},
        )
    assert count(shop).goods.difference == 1


def test_faults_are_counted_by_kind_and_all_kills_are_one_kind(shop: Shop) -> None:
    tally = {
        "fault: parcel late": 4, "fault: killed before commit": 2, "fault: killed after mail.send": 3, "orders": 9,
        "answers lost": 6, "told of a failure: OperationalError": 2, "workers told of a failure: OperationalError": 1,
    }  # fmt: skip
    found = count(shop, run_of(shop, tally=tally))
    assert found.faults == (("program killed", 5), ("parcel late", 4))
    assert (found.fault_count, found.kills) == (9, 5)
    assert (found.machinery.answers_lost, found.machinery.failures_told) == (6, 3)


def test_the_worst_moment_and_the_stock_outs_come_from_the_samples(shop: Shop, rng: random.Random) -> None:
    with shop.db.read() as tx:
        one = sampling.sample(tx, 1)
    assert one["units_on_hand"] == 80
    worse = one | {"day": 2, "unsent_minor": 700, "at_risk_minor": 700, "out_of_stock": 2}
    after = one | {"day": 3, "out_of_stock": 1}
    found = count(shop, run_of(shop, samples=[one, worse, after]))
    assert found.risk is not None
    assert (found.risk.day, found.risk.amount_minor) == (2, 700)
    assert dict(found.risk.parts)["unsent_minor"] == 700
    assert (found.stock_outs.variant_days, found.stock_outs.of_days) == (3, 9)
    assert (found.stock_outs.worst, found.stock_outs.worst_day) == (2, 2)


def test_dead_jobs_are_named_by_kind(shop: Shop) -> None:
    make.order(shop, {"MUG": 1}, paid=True)
    with shop.db.begin(actor="test") as tx:
        tx.sql("UPDATE outbox SET status = 'dead', attempt_count = 9 WHERE kind = 'mail.send' RETURNING id")
        dead = tx.sql("SELECT count(*) FROM outbox WHERE kind = 'mail.send'")[0][0]
    found = count(shop).machinery
    assert dead
    assert (found.jobs_dead, found.dead_by_kind) == (dead, (("mail.send", dead),))
    assert found.jobs_again == dead


def test_how_long_it_took_makes_no_two_runs_different(shop: Shop) -> None:
    run = run_of(shop)
    fast, slow = count(shop, run, wall_s=1.0), count(shop, run, wall_s=99.0)
    assert fast == slow
    assert hash(fast) == hash(slow)
    fast_json, slow_json = report.as_json(fast), report.as_json(slow)
    assert list(fast_json)[-1] == "wall_s"
    assert fast_json.pop("wall_s") != slow_json.pop("wall_s")
    assert json.dumps(fast_json) == json.dumps(slow_json)


def test_the_json_says_everything_with_whole_minor_units(shop: Shop) -> None:
    make.order(shop, {"MUG": 2}, paid=True)
    send(shop)
    bad = Violation(shop.clock.now(), 2.5, 11, "G3", "below zero")
    told = report.as_json(count(shop, run_of(shop, violation=bad)))
    assert told["violation"] == {
        "at": "2026-11-23T09:00:00.000Z", "day": 2.5, "event": 11, "found_by": "G3", "text": "below zero",
        "replay": "storekeep simulate --days 3 --seed 7 --faults calm --until 11",
    }  # fmt: skip
    assert {
        "seed", "days", "faults", "hash", "violation", "orders", "fill_rate", "on_time_rate", "stock_outs", "delivery",
        "parcels_lost", "refunds", "cases", "contact_rate", "money_at_risk", "cost_to_serve", "returns",
        "faults_by_kind", "kills", "checks", "events", "virtual_days", "machinery", "goods", "money", "wall_s",
    } <= set(told)  # fmt: skip
    assert json.loads(json.dumps(told)) == told
    for name, value in _leaves("", told):
        assert not (name.endswith("_minor") and isinstance(value, float)), name


def _leaves(name: str, value: object) -> list[tuple[str, object]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in _leaves(key, inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in _leaves(name, inner)]
    return [(name, value)]
