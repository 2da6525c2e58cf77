"""Clocks that are wrong by an hour, nights in which the hour changes, and the day that not every year has."""

from datetime import UTC, datetime
from pathlib import Path

import faultbooks
import faultplay  # noqa: F401 - tells all stories
import pytest
from faultports import Counting
from faultrun import PATIENCE, AskAgain, rehearse
from faultselling import DETAILS, order
from faultstage import Stage, Theatre
from faultstory import STORIES

import make
from storekeep.flows import basket, checkout, expire, receive
from storekeep.flows.house import House
from storekeep.kernel.clock import HOUR, MINUTE, SECOND, Instant, VirtualClock, day_of, start_of_day, to_instant
from storekeep.kernel.db import Database
from storekeep.kernel.ids import SeededIds
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.queries import availability_of
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.shipping.promise import hands_over_on, promise
from storekeep.world.simulator.programs import SkewedClock

BERLIN = "Europe/Berlin"
#: Work that a clock ahead has put off waits for its hour, and the ground's cart holds end meanwhile.
OF_HOLDS = ("reserved", "available")
#: None of these is refused because of the time; a webhook, a code or a payment page may be.
AT_ANY_TIME = (
    "an order is placed",
    "a payment is looked at",
    "an order is paid at the second try",
    "a paid order is canceled",
    "an order is picked with a wrong scan and a change of mind",
    "two boxes get their labels together",
    "a parcel leaves",
    "a refund comes back and is tried again",
    "a return is inspected and refunded",
)


def wrong(stage: Stage, skew: Instant) -> SkewedClock:
    clock = SkewedClock(stage.clock)
    clock.skew = skew
    return clock


@pytest.mark.parametrize("skew", [-HOUR, HOUR], ids=["an hour behind", "an hour ahead"])
@pytest.mark.parametrize("name", AT_ANY_TIME)
def test_a_program_with_a_wrong_clock_does_no_harm(theatre: Theatre, name: str, skew: Instant) -> None:
    """Every other step is taken by a program whose clock is wrong, and with it its leases and due times."""
    expected = rehearse(theatre, STORIES[name])
    stage = theatre.stage(Counting())
    take_turns(stage, name, stage.boot(wrong(stage, skew)))
    assert not faultbooks.faults(stage.base)
    told = faultbooks.differences(expected.books, stage.books(), without=OF_HOLDS)
    assert not told


@pytest.mark.parametrize("skew", [-HOUR, HOUR], ids=["an hour behind", "an hour ahead"])
def test_histories_stay_in_order_when_ids_are_made_by_a_wrong_clock(theatre: Theatre, skew: Instant) -> None:
    stage = theatre.stage(Counting())
    clock = wrong(stage, skew)
    take_turns(stage, "claimed work is given back and taken anew", stage.boot(clock, SeededIds(clock, 5)))
    assert not faultbooks.faults(stage.base)


def take_turns(stage: Stage, name: str, astray: House) -> None:
    """Play a story, every other step by a program that has gone astray; then its hour passes, and holds end."""
    right = stage.boot()
    *steps, work = STORIES[name].steps
    for n, step in enumerate(steps):
        for tries in range(1, PATIENCE + 1):
            stage.tries, stage.house = tries, (astray, right)[n % 2]
            try:
                step(stage)
                break
            except AskAgain:
                stage.clock.sleep(30 * SECOND)
        else:
            raise AssertionError(f"{name}: never answered")
    stage.house = right
    work(stage)
    stage.until(75)
    with right.db.begin(actor="worker") as tx:
        expire.expire_holds(tx)


def free(stage: Stage, sku: str) -> int:
    variant_id = stage.facts.variants[sku]
    return stage.look(lambda tx: availability_of(tx, [variant_id])[variant_id].available)


def hold(stage: Stage, token: str) -> str:
    with stage.house.db.begin(actor="shopper") as tx:
        cart_id = basket.open_cart(tx, token, "DE")
        basket.put(tx, cart_id, stage.facts.variants["VASE"], 2, add=False)
        checkout.hold(tx, cart_id, DETAILS)
    return cart_id


@pytest.mark.parametrize("skew", [-HOUR, HOUR], ids=["an hour behind", "an hour ahead"])
def test_a_hold_by_a_wrong_clock_never_sells_a_unit_twice(theatre: Theatre, skew: Instant) -> None:
    stage = theatre.stage(Counting())
    with stage.house.db.begin(actor="owner") as tx:
        lines = [ReceiveLine(stage.facts.variants["VASE"], 3, 1100, stage.facts.bins["B-02-1"])]
        receive.receive(tx, lines, stage.facts.warehouse, "vases", "delivery")
    right, astray = stage.house, stage.boot(wrong(stage, skew))
    before = free(stage, "VASE")
    first = hold(stage, "first")
    stage.house = right
    with right.db.begin(actor="worker") as tx:
        expire.expire_holds(tx)
    second = hold(stage, "second")
    answers = []
    for house, cart_id in ((astray, first), (right, second)):
        with house.db.begin(actor="shopper") as tx:
            answers += checkout.place(tx, [checkout.PlaceOrder(cart_id, provider="memory")])
    sold = [answer for answer in answers if isinstance(answer, checkout.Placed)]
    assert len(sold) == 1, "three vases are not two times two"
    stage.clock.sleep(2 * HOUR)
    with right.db.begin(actor="worker") as tx:
        expire.expire_holds(tx)
    assert free(stage, "VASE") == before - 2
    assert not faultbooks.faults(stage.base)


def test_a_clock_that_is_ahead_expires_an_order_only_after_its_page_is_closed(theatre: Theatre) -> None:
    stage = theatre.stage(Counting())
    right, astray = stage.house, stage.boot(wrong(stage, 50 * MINUTE))
    with astray.db.begin(actor="worker") as tx:
        assert expire.ask_overdue(tx) == 1
        assert expire.expire_unpaid(tx) == []
    stage.house = right
    stage.until(62)
    stage.work()
    closed = [one for one in stage.provider.payments() if one.order_ref == str(order(stage, "unpaid").number)]
    assert [one.session_status for one in closed] == ["expired"]
    with right.db.begin(actor="worker") as tx:
        assert expire.expire_unpaid(tx) == [stage.facts.orders["unpaid"]]
        expire.expire_holds(tx)
    stage.work()
    assert not faultbooks.faults(stage.base)


def at(*moment: int) -> Instant:
    """An instant from UTC year, month, day, hour, minute, second."""
    return to_instant(datetime(*moment, tzinfo=UTC))  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (at(2027, 3, 27, 22, 59, 59), "2027-03-27"),
        (at(2027, 3, 27, 23, 0), "2027-03-28"),
        (at(2027, 3, 28, 21, 59, 59), "2027-03-28"),
        (at(2027, 3, 28, 22, 0), "2027-03-29"),
        (at(2027, 10, 30, 22, 0), "2027-10-31"),
        (at(2027, 10, 31, 22, 59, 59), "2027-10-31"),
        (at(2027, 10, 31, 23, 0), "2027-11-01"),
        (at(2028, 2, 28, 23, 0), "2028-02-29"),
        (at(2028, 2, 29, 23, 0), "2028-03-01"),
    ],
)
def test_a_day_begins_at_its_own_midnight(moment: Instant, day: str) -> None:
    assert day_of(moment, BERLIN) == day
    assert start_of_day(day, BERLIN) <= moment


@pytest.mark.parametrize(
    ("day", "following", "hours"),
    [("2027-03-28", "2027-03-29", 23), ("2027-10-31", "2027-11-01", 25), ("2028-02-29", "2028-03-01", 24)],
)
def test_a_day_is_as_long_as_it_is(day: str, following: str, hours: int) -> None:
    assert start_of_day(following, BERLIN) - start_of_day(day, BERLIN) == hours * HOUR


@pytest.mark.parametrize(
    ("moment", "leaves", "arrives"),
    [
        # Half past noon in UTC is before the cut-off of two o'clock in winter time, and after it in summer time.
        (at(2027, 3, 26, 12, 30), "2027-03-26", "2027-03-29"),
        (at(2027, 3, 29, 12, 30), "2027-03-30", "2027-04-01"),
        (at(2027, 10, 29, 12, 30), "2027-11-01", "2027-11-03"),
        (at(2027, 11, 1, 12, 30), "2027-11-01", "2027-11-03"),
        # The nights themselves: a Sunday in both, whatever o'clock it says.
        (at(2027, 3, 28, 0, 59, 59), "2027-03-29", "2027-03-31"),
        (at(2027, 3, 28, 1, 0), "2027-03-29", "2027-03-31"),
        (at(2027, 10, 31, 0, 30), "2027-11-01", "2027-11-03"),
        (at(2027, 10, 31, 1, 30), "2027-11-01", "2027-11-03"),
        # A Monday before the leap day, one minute to the cut-off and right at it.
        (at(2028, 2, 28, 12, 59), "2028-02-28", "2028-03-01"),
        (at(2028, 2, 28, 13, 0), "2028-02-29", "2028-03-02"),
    ],
)
def test_promises_count_days_and_not_hours(moment: Instant, leaves: str, arrives: str) -> None:
    assert hands_over_on(moment, 14, BERLIN, 0) == leaves
    assert promise(moment, 14, BERLIN, 0, 2) == arrives


@pytest.mark.parametrize(
    ("night", "promised"),
    [
        (at(2027, 3, 28, 0, 55), "2027-04-03"),
        (at(2027, 10, 31, 0, 55), "2027-11-06"),
        (at(2028, 2, 29, 0, 55), "2028-03-06"),
    ],
    ids=["spring", "autumn", "leap day"],
)
def test_a_shop_goes_through_the_night(
    db: Database, clock: VirtualClock, tmp_path: Path, night: Instant, promised: str
) -> None:
    clock.move_to(night)
    shop = make.shop(db, clock, tmp_path, {"MUG": (1250, 500, 5)})
    held, bought = make.cart(shop, {"MUG": 2}), make.place(shop, make.cart(shop, {"MUG": 1}))
    assert isinstance(bought, checkout.Placed)
    shop.work()
    make.pay(shop, bought.order_id)
    for minutes, left in ((9, 2), (11, 4)):  # the hour changes in between
        clock.move_to(night + minutes * MINUTE)
        with db.begin(actor="worker") as tx:
            expire.expire_holds(tx)
            assert availability_of(tx, [shop.variants["MUG"]])[shop.variants["MUG"]].available == left
    again = make.place(shop, held)
    assert isinstance(again, checkout.Placed)
    clock.move_to(night + 50 * MINUTE)
    with db.begin(actor="worker") as tx:
        expire.ask_overdue(tx)
    shop.work()
    with db.begin(actor="worker") as tx:
        assert expire.expire_unpaid(tx) == [again.order_id]
    shop.work()
    with db.read() as tx:
        row = tx.first(sales_order.select().where(sales_order.c.id == bought.order_id))
    assert row is not None
    assert (row.status, row.promised_on) == ("open", promised)
    assert not faultbooks.faults(db)
