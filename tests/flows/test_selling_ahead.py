"""Goods are sold before they are here: up to the limit, oldest promise first, and all leaves together."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import make
from make import Shop
from storekeep.flows import cancel, dispatch, floor, packing, receive
from storekeep.flows.checkout import NotPlaced, Placed
from storekeep.flows.chores import Housekeeper
from storekeep.kernel.clock import DAY, HOUR, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Invalid
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.inventory import ahead, locations, policies
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.model import PutawayLine, ReceiveLine
from storekeep.shop.inventory.promises import PolicyDraft
from storekeep.shop.inventory.queries import availability_of, warehouses
from storekeep.shop.inventory.tables import reservation, sell_ahead
from storekeep.shop.notify.tables import mail
from storekeep.shop.orders import store
from storekeep.shop.orders.tables import order_wait, sales_order
from storekeep.shop.reports import verify

#: Tests begin on Monday 23 November 2026.
SHIPS = "2026-12-07"


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> Shop:
    return make.shop(db, clock, tmp_path, {"MUG": (1250, 500, 2), "BOWL": (1990, 800, 5), "NEW": (4900, 2000, 0)})


def sell(shop: Shop, sku: str, kind: str = "backorder", limit: int = 5, **more: Any) -> None:
    with shop.db.begin(actor="owner") as tx:
        draft = PolicyDraft(shop.variants[sku], warehouses(tx)[0].id, kind, limit, more.get("lead_days", 10),
                            more.get("ships_on"))  # fmt: skip
        ahead.set_policy(tx, draft)


def goods_come(shop: Shop, sku: str, units: int, command: str = "delivery") -> None:
    with shop.db.begin(actor="owner") as tx:
        line = ReceiveLine(shop.variants[sku], units, 500, locations.by_code(tx, "A-05-1").id)
        receive.receive(tx, [line], warehouses(tx)[0].id, command, "they came")


def kept(shop: Shop, order_id: str) -> dict[str, int]:
    """Status -> units of an order's reservations."""
    with shop.db.read() as tx:
        rows = tx.rows(select(reservation.c.status, reservation.c.qty).where(reservation.c.order_id == order_id))
    found: dict[str, int] = {}
    for row in rows:
        found[row.status] = found.get(row.status, 0) + row.qty
    return found


def work(shop: Shop, order_id: str) -> int:
    with shop.db.read() as tx:
        return len(tx.rows(select(fulfillment.c.id).where(fulfillment.c.order_id == order_id)))


def waiting(shop: Shop, sku: str) -> int:
    with shop.db.read() as tx:
        return int(tx.scalar(select(sell_ahead.c.waiting).where(sell_ahead.c.variant_id == shop.variants[sku])))


def sound(shop: Shop) -> None:
    with shop.db.read() as tx:
        report = verify.run(tx)
    assert [one for one in report.results if one.status != "ok"] == []


def test_without_a_policy_what_is_not_here_is_not_sold(shop: Shop) -> None:
    answer = make.place(shop, make.cart(shop, {"MUG": 3}))
    assert isinstance(answer, NotPlaced)
    assert [(one.code, one.data["available"]) for one in answer.problems] == [("out_of_stock", 2)]


def test_an_order_waits_as_a_whole_until_its_goods_come_and_then_goes_out(shop: Shop) -> None:
    sell(shop, "MUG", lead_days=10)
    order = make.order(shop, {"MUG": 4, "BOWL": 1}, paid=True)
    assert kept(shop, order.order_id) == {"firm": 3, "waiting": 2}
    assert (waiting(shop, "MUG"), work(shop, order.order_id)) == (2, 0)
    with shop.db.read() as tx:
        row = tx.first(select(order_wait))
        assert row is not None
        assert (row.ready_on, row.ended_at) == ("2026-12-03", None)
        # Ready on Thursday the 3rd, a day of packing, and the way: the promise counts from there.
        assert str(tx.scalar(select(sales_order.c.promised_on))) > "2026-12-04"
        told = str(tx.scalar(select(mail.c.body_text).where(mail.c.template == "order_confirmation")))
    assert "2026-12-03" in told
    assert "start packing" not in told
    sound(shop)

    goods_come(shop, "MUG", 1)
    shop.work()
    assert kept(shop, order.order_id) == {"firm": 4, "waiting": 1}
    assert work(shop, order.order_id) == 0
    sound(shop)

    goods_come(shop, "MUG", 4, "the rest")
    shop.work()
    assert kept(shop, order.order_id) == {"firm": 5}
    assert work(shop, order.order_id) == 1
    with shop.db.read() as tx:
        assert availability_of(tx, [shop.variants["MUG"]])[shop.variants["MUG"]].available == 3
        assert str(tx.scalar(select(order_wait.c.outcome))) == "started"
    sound(shop)


def test_the_limit_is_exact_and_a_refusal_says_what_can_be_had(shop: Shop) -> None:
    sell(shop, "MUG", limit=3)
    make.order(shop, {"MUG": 4}, paid=True)  # two are here, two wait
    answer = make.place(shop, make.cart(shop, {"MUG": 2}))
    assert isinstance(answer, NotPlaced)
    assert answer.problems[0].data == {"available": 1, "wanted": 2}
    assert isinstance(make.place(shop, make.cart(shop, {"MUG": 1})), Placed)
    assert isinstance(make.place(shop, make.cart(shop, {"MUG": 1})), NotPlaced)
    assert waiting(shop, "MUG") == 3


def test_a_cart_holds_its_place_in_the_limit_and_gives_it_back(shop: Shop, clock: VirtualClock) -> None:
    sell(shop, "NEW", limit=2)
    mine = make.cart(shop, {"NEW": 2})
    assert waiting(shop, "NEW") == 2
    assert isinstance(make.place(shop, make.cart(shop, {"NEW": 1})), NotPlaced)
    clock.sleep(HOUR)
    Housekeeper(shop.db).step()
    assert waiting(shop, "NEW") == 0
    assert isinstance(make.place(shop, mine), Placed)
    assert waiting(shop, "NEW") == 2
    sound(shop)


def test_goods_go_to_the_oldest_promise_first(shop: Shop, clock: VirtualClock) -> None:
    sell(shop, "NEW", lead_days=20)
    late = make.order(shop, {"NEW": 2}, paid=True)
    clock.sleep(HOUR)
    sell(shop, "NEW", lead_days=5)
    soon = make.order(shop, {"NEW": 2}, paid=True)
    goods_come(shop, "NEW", 3)
    assert kept(shop, soon.order_id) == {"firm": 2}
    assert kept(shop, late.order_id) == {"firm": 1, "waiting": 1}
    shop.work()
    assert (work(shop, soon.order_id), work(shop, late.order_id)) == (1, 0)
    sound(shop)


def test_goods_in_receiving_serve_nobody_and_goods_put_away_do(shop: Shop) -> None:
    sell(shop, "NEW")
    order = make.order(shop, {"NEW": 1}, paid=True)
    with shop.db.begin(actor="owner") as tx:
        home = warehouses(tx)[0].id
        receive.receive(tx, [ReceiveLine(shop.variants["NEW"], 3, 500)], home, "delivery 1", "they came")
    assert kept(shop, order.order_id) == {"waiting": 1}
    with shop.db.begin(actor="owner") as tx:
        line = PutawayLine(shop.variants["NEW"], 3, locations.by_code(tx, "A-05-1").id)
        receive.put_away(tx, [line], home, "put 1")
    assert kept(shop, order.order_id) == {"firm": 1}


@pytest.mark.parametrize("how", ["found", "canceled", "expired", "buffer", "unblocked"])
def test_whatever_makes_goods_free_serves_who_waits(shop: Shop, clock: VirtualClock, how: str) -> None:
    mug = shop.variants["MUG"]
    sell(shop, "MUG")
    other = make.order(shop, {"MUG": 2}, paid=how != "expired") if how in ("canceled", "expired") else None
    with shop.db.begin(actor="owner") as tx:
        home, place = warehouses(tx)[0].id, locations.by_code(tx, "A-01-1").id
        if how == "buffer":
            policies.set_buffer(tx, mug, home, 2)
        elif how == "unblocked":
            locations.set_status(tx, place, "blocked", "it leaks")
        elif how == "found":
            receive.adjust(tx, [Correction(mug, place, -2, "gone", "gone")])
    order = make.order(shop, {"MUG": 1}, paid=True)
    assert kept(shop, order.order_id) == {"waiting": 1}
    if how == "expired":
        clock.sleep(2 * HOUR)
        for _ in range(2):
            Housekeeper(shop.db).step()
            shop.work()
    with shop.db.begin(actor="owner") as tx:
        if how == "found":
            receive.adjust(tx, [Correction(mug, place, 1, "behind the shelf", "found")])
        elif how == "canceled" and other is not None:
            cancel.cancel_order(tx, other.order_id, reason="changed my mind", command_id="cancel other")
        elif how == "buffer":
            policies.set_buffer(tx, mug, home, 0)
        elif how == "unblocked":
            locations.set_status(tx, place, "active", "mended")
    assert kept(shop, order.order_id) == {"firm": 1}
    shop.work()
    assert work(shop, order.order_id) == 1
    sound(shop)


def test_canceling_while_waiting_gives_the_place_back_and_takes_no_money(shop: Shop) -> None:
    sell(shop, "NEW", limit=2)
    order = make.order(shop, {"NEW": 2, "BOWL": 1}, paid=True)
    with shop.db.begin(actor="shopper") as tx:
        cancel.cancel_order(tx, order.order_id, reason="too long", command_id="cancel 1")
    shop.work()
    assert kept(shop, order.order_id) == {"released": 3}
    assert waiting(shop, "NEW") == 0
    with shop.db.read() as tx:
        row = tx.first(select(sales_order))
        assert row is not None
        assert (row.status, row.received_minor) == ("canceled", 0)
        assert str(tx.scalar(select(order_wait.c.outcome))) == "dropped"
    sound(shop)


def test_taking_the_units_that_wait_off_an_order_lets_the_rest_go(shop: Shop) -> None:
    sell(shop, "NEW")
    order = make.order(shop, {"NEW": 1, "BOWL": 2}, paid=True)
    with shop.db.begin(actor="agent") as tx:
        line = next(one for one in store.lines_of(tx, [order.order_id]) if one.sku == "NEW")
        cancel.cancel_units(tx, order.order_id, {line.id: 1}, reason="never mind", command_id="less")
    assert (kept(shop, order.order_id), work(shop, order.order_id)) == ({"released": 1, "firm": 2}, 1)
    shop.work()
    sound(shop)


def test_a_pre_order_is_not_begun_before_its_day_though_its_goods_are_here(shop: Shop, clock: VirtualClock) -> None:
    sell(shop, "NEW", "preorder", 3, ships_on=SHIPS)
    first = make.order(shop, {"NEW": 2}, paid=True)
    goods_come(shop, "NEW", 4)
    second = make.order(shop, {"NEW": 1}, paid=True)  # out of what came early
    shop.work()
    assert kept(shop, first.order_id) == {"firm": 2}
    assert kept(shop, second.order_id) == {"firm": 1}
    for one in (first, second):
        assert work(shop, one.order_id) == 0
    with shop.db.read() as tx:
        policy = ahead.policies(tx, [shop.variants["NEW"]])[shop.variants["NEW"]]
        assert (policy.limit_units, policy.waiting) == (1, 0)  # two of the three have come
    sound(shop)
    clock.sleep(14 * DAY)
    Housekeeper(shop.db).step()
    shop.work()
    for one in (first, second):
        assert work(shop, one.order_id) == 1
    sound(shop)


def test_an_order_that_waited_is_picked_packed_and_sent_like_any_other(shop: Shop) -> None:
    sell(shop, "NEW")
    order = make.order(shop, {"NEW": 1}, paid=True)
    goods_come(shop, "NEW", 1)
    shop.work()
    with shop.db.read() as tx:
        work_id = str(tx.scalar(select(fulfillment.c.id).where(fulfillment.c.order_id == order.order_id)))
    with shop.db.begin(actor="staff:x") as tx:
        floor.claim(tx, None, [work_id])
        assert floor.scan(tx, work_id, "NEW", "scan 1").is_right
        assert packing.scan(tx, work_id, "NEW", "scan 2").is_right
        packing.close(tx, work_id)
    shop.work()
    with shop.db.begin(actor="staff:x") as tx:
        assert dispatch.ship(tx, [work_id], "evening")[0].is_done
    shop.work()
    assert kept(shop, order.order_id) == {"consumed": 1}
    sound(shop)


@pytest.mark.parametrize(
    ("kind", "limit", "more", "path"),
    [("backorder", 0, {}, "limit"), ("backorder", -4, {}, "limit"), ("backorder", 4006381333931, {}, "limit"),
     ("backorder", 5, {"lead_days": -1}, "lead_days"), ("backorder", 5, {"lead_days": 4000}, "lead_days"),
     ("preorder", 5, {}, "ships_on"), ("preorder", 5, {"ships_on": "31/02/2027"}, "ships_on"),
     ("preorder", 5, {"ships_on": "2027-02-31"}, "ships_on"), ("whenever", 5, {}, "kind")],
)  # fmt: skip
def test_a_policy_that_cannot_be_is_refused(
    shop: Shop, kind: str, limit: int, more: dict[str, Any], path: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        sell(shop, "MUG", kind, limit, **more)
    assert [one.path for one in refusal.value.problems] == [path]


def test_a_limit_below_what_waits_is_refused_and_stopping_keeps_who_waits(shop: Shop) -> None:
    sell(shop, "NEW", limit=5)
    order = make.order(shop, {"NEW": 3}, paid=True)
    with pytest.raises(Invalid, match="3 units wait already"):
        sell(shop, "NEW", limit=2)
    sell(shop, "NEW", "stopped")
    assert isinstance(make.place(shop, make.cart(shop, {"NEW": 1})), NotPlaced)
    goods_come(shop, "NEW", 3)
    assert kept(shop, order.order_id) == {"firm": 3}
    sound(shop)


def test_a_late_delivery_is_told_once_and_moves_the_promise(shop: Shop, clock: VirtualClock) -> None:
    sell(shop, "NEW", lead_days=2)
    order = make.order(shop, {"NEW": 1}, paid=True)
    with shop.db.read() as tx:
        before = str(tx.scalar(select(sales_order.c.promised_on)))
    clock.sleep(3 * DAY)
    keeper = Housekeeper(shop.db)
    for _ in range(3):
        keeper.step()
        clock.sleep(2 * HOUR)
    shop.work()
    with shop.db.read() as tx:
        assert len(tx.rows(select(mail.c.id).where(mail.c.template == "order_delayed"))) == 1
        row = tx.first(select(order_wait))
        assert row is not None
        assert (row.first_ready_on, row.ready_on) == ("2026-11-25", "2026-11-28")
        assert str(tx.scalar(select(sales_order.c.promised_on))) > before
    assert kept(shop, order.order_id) == {"waiting": 1}
    sound(shop)


def test_money_is_taken_before_the_bank_lets_it_go_and_comes_back_on_canceling(
    shop: Shop, clock: VirtualClock
) -> None:
    sell(shop, "NEW", lead_days=30)
    order = make.order(shop, {"NEW": 1}, paid=True)
    for _ in range(6):
        clock.sleep(DAY)
        Housekeeper(shop.db).step()
        shop.work()
    with shop.db.read() as tx:
        row = tx.first(select(sales_order))
    assert row is not None
    assert (row.status, row.payment_status, row.received_minor) == ("open", "paid", row.total_minor)
    with shop.db.begin(actor="shopper") as tx:
        refunded = cancel.cancel_order(tx, order.order_id, reason="too long", command_id="cancel 1")
    shop.work()
    assert refunded == row.total_minor
    sound(shop)
