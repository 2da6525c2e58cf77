"""The demo's world: nine days before it opens, a living shop afterwards, and nothing stranded between the two."""

import logging
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from storekeep.flows import groundwork, house, telling
from storekeep.flows.house import House
from storekeep.flows.services import Services
from storekeep.kernel.clock import DAY, HOUR, MINUTE, SECOND, Clock, Instant, SystemClock, VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.notify.sender import DemoMailer
from storekeep.shop.orders.tables import cart, sales_order
from storekeep.shop.payments.providers import MemoryProvider
from storekeep.shop.reports import verify
from storekeep.shop.returns.tables import goods_return
from storekeep.shop.shipping.carriers.demo_cards import demo_carriers
from storekeep.shop.shipping.carriers.table import tracking_number_for
from storekeep.shop.shipping.tables import shipment
from storekeep.shop.shipping.tracking_fold import ScanEvent, Tracking, fold
from storekeep.shop.site import profile
from storekeep.shop.support.tables import conversation, message
from storekeep.world import demo
from storekeep.world.simulator import demo_cast, demo_market, history, living, stocking, till
from storekeep.world.simulator.outside.ways import Told, taken_up, way_of
from storekeep.world.simulator.play import Play
from storekeep.world.simulator.programs import Program
from storekeep.world.simulator.schedule import Schedule
from storekeep.world.simulator.trouble import Trouble

OUTCOMES: dict[str, Any] = {
    till.GOOD: "succeed", till.DECLINED: "decline", till.NO_FUNDS: "insufficient_funds", till.CHALLENGE: "challenge",
    till.LATE: "settle_late",
}  # fmt: skip

#: What is tested here is the played outside; the shop itself is tested on both.
ENGINES = ("sqlite",)


@dataclass
class Purse:
    """Pays on the pages of a provider that is all memory."""

    provider: MemoryProvider

    def pay(self, page: str, card: str) -> bool:
        ref = page.removeprefix("memory:")
        seen = self.provider.shopper_pays(ref, OUTCOMES[card])
        if seen.status == "requires_action":
            seen = self.provider.shopper_answers_challenge(ref, True)
        return seen.status in {"authorized", "captured", "processing"}


@dataclass
class Demo:
    """A demo shop that nobody has visited yet."""

    house: House
    bank: Purse

    @property
    def db(self) -> Database:
        return self.house.db

    def count(self, table: Any, *conditions: Any) -> int:
        with self.db.read() as tx:
            return int(tx.scalar(select(func.count()).select_from(table).where(*conditions)))

    def column(self, column: Any, *conditions: Any) -> list[Any]:
        with self.db.read() as tx:
            return [row[0] for row in tx.rows(select(column).where(*conditions).order_by(column))]

    def offenders(self) -> list[Any]:
        with self.db.read() as tx:
            return [(one.id, one.offenders) for one in verify.run(tx).results if one.offenders]


def open_demo(db: Database, folder: Path, clock: Clock) -> Demo:
    provider = MemoryProvider(clock.now)
    pictures = {each.sku: f"{each.sku}.svg" for good in demo.PRODUCTS for each in good.variants}
    with db.begin(actor="init") as tx:
        groundwork.lay(tx)
        secret = telling.link_secret(tx)
        stocking.open_demo(tx, pictures, "http://127.0.0.1:8000")
    services = Services(
        db=db, providers={"memory": provider}, provider="memory", mailer=DemoMailer(), carriers=demo_carriers(),
        link_secret=secret, public_url="http://127.0.0.1:8000", slip=lambda _content: b"slip",
    )  # fmt: skip
    made = house.build(services, name="web", rng=random.Random(3), media_folder=folder)
    return Demo(made, Purse(provider))


@pytest.fixture
def shop(db_url: str, tmp_path: Path) -> Iterator[Demo]:
    """The demo with the clock on the wall, for history ends now."""
    db = Database(db_url, clock=SystemClock(), synchronous="OFF")
    yield open_demo(db, tmp_path, db.clock)
    db.close()


@dataclass
class World:
    """The living demo with a clock that the test moves."""

    shop: Demo
    clock: VirtualClock

    def live(self, duration: Instant, pace: float = 1.0, trouble: Trouble | None = None) -> Play:
        """A start of the demo that lasts so long; what its people remembered is gone afterwards."""
        tempo = demo_cast.living(pace, "Europe/Berlin")
        schedule = Schedule(self.clock, random.Random(self.clock.now()))
        web = Program("web", self.clock, lambda _program: self.shop.house)
        play = demo_cast.stage(self.shop.house, schedule, tempo, web)
        play.trouble = trouble or play.trouble
        play.moving_since, play.stops_at_stumbles = self.clock.now(), True
        demo_cast.people(play, tempo, self.shop.bank)
        end = self.clock.now() + duration
        while self.clock.now() < end:
            schedule.run_until(min(end, self.clock.now() + 4 * SECOND))
            self.shop.house.worker.drain()
        return play


@pytest.fixture
def world(db: Database, clock: VirtualClock, tmp_path: Path) -> World:
    return World(open_demo(db, tmp_path, clock), clock)


def test_the_days_before_leave_a_shop_in_the_middle_of_its_work(shop: Demo, caplog: pytest.LogCaptureFixture) -> None:
    began = shop.db.clock.now()
    with caplog.at_level(logging.WARNING, logger="storekeep"):
        assert history.play(shop.house, days=3, bank=shop.bank) > 200
    assert not [record.getMessage() for record in caplog.records]
    placed = shop.column(sales_order.c.placed_at)
    assert 15 <= len(placed) <= 50
    assert began - 3 * DAY < placed[0] < placed[-1] <= shop.db.clock.now()
    assert shop.count(shipment, shipment.c.status == "delivered") >= 3
    assert shop.count(shipment, shipment.c.status == "handed_over") >= 1
    assert shop.count(sales_order, sales_order.c.status == "open") >= 1
    assert shop.offenders() == []


def test_the_living_demo_goes_on_with_what_the_days_before_and_another_pace_left(world: World) -> None:
    calm = Trouble()
    world.live(2 * MINUTE, pace=2, trouble=calm)
    early = set(world.shop.column(shipment.c.id, shipment.c.status == "handed_over"))
    assert len(early) >= 3
    assert early & set(world.shop.column(shipment.c.id, shipment.c.last_scan_at.is_not(None)))
    world.clock.move_to(world.clock.now() + 9 * HOUR)
    stopped_until = world.clock.now()
    world.live(160 * SECOND, pace=4, trouble=calm)
    # Fourteen legs later every one of them has come, and none while nobody carried it.
    arrived = world.shop.column(shipment.c.delivered_at, shipment.c.id.in_(sorted(early)))
    assert len(arrived) == len(early)
    assert all(at is not None and at > stopped_until for at in arrived)
    assert world.shop.offenders() == []


def test_agents_leave_letters_to_the_owner_for_a_while_and_then_do_what_they_ask_for(world: World) -> None:
    often = replace(demo_cast.TROUBLE, returns=0.4, complains=0.5)
    world.live(150 * SECOND, pace=4, trouble=often)
    world.live(150 * SECOND, pace=4, trouble=often)
    c = conversation.c
    with world.shop.db.read() as tx:
        waited = select((message.c.written_at - c.created_at).label("waited")).join_from(message, conversation)
        waits = [row.waited for row in tx.rows(waited.where(message.c.direction == "out").order_by(message.c.id))]
        said = select(message.c.body).where(message.c.conversation_id == c.id, message.c.direction == "in")
        query = select(c.order_id, said.limit(1).scalar_subquery().label("body"))
        rows = tx.rows(query.where(c.reason == "other", c.status == "resolved").order_by(c.id))
        returned = {row.order_id for row in tx.rows(select(goods_return.c.order_id).order_by(goods_return.c.id))}
    assert min(waits) > 75 * SECOND
    wishes = demo_market.words()["return"]
    asked = {row.order_id for row in rows if any(wish in row.body for wish in wishes)}
    assert asked
    assert asked <= returned
    assert {row.order_id for row in rows} - asked
    assert not ({row.order_id for row in rows} - asked) & returned
    assert world.shop.offenders() == []


def events(carrier: str, number: str, told: list[Told]) -> list[ScanEvent]:
    return [ScanEvent(carrier, number, each.at, each.code, "", each.place, each.told_at) for each in told]


@dataclass(frozen=True)
class Parcel:
    """What the shop knows of a parcel."""

    carrier: str
    handed_over_at: Instant
    last_scan_at: Instant | None
    milestone: str
    exception: str


@pytest.mark.parametrize("leg_afterwards", [MINUTE, 6 * HOUR, 40 * HOUR])
def test_a_way_is_taken_up_where_it_stopped_at_whatever_pace(leg_afterwards: Instant) -> None:
    trouble, start, leg = replace(demo_cast.TROUBLE, parcel_lost=0.1, parcel_damaged=0.2), 1_000 * DAY, 6 * HOUR
    for n in range(200):
        number = tracking_number_for("SW", f"parcel {n}")
        whole = way_of(1, trouble, "swallow", number, start, leg)
        until = start + n % 7 * leg
        heard = events("swallow", number, [told for told in whole if told.told_at <= until])
        before: Tracking = fold("swallow", number, start, heard)
        since = until + 3 * DAY
        afterwards = way_of(1, trouble, "swallow", number, start, leg_afterwards)
        parcel = Parcel("swallow", start, before.last_scan_at, before.milestone, before.exception)
        rest = [told for told in taken_up(afterwards, parcel, since) if told.at > (before.last_scan_at or 0)]
        assert all(told.at > since for told in rest)
        end = fold("swallow", number, start, [*heard, *events("swallow", number, rest)])
        wanted = fold("swallow", number, start, events("swallow", number, whole))
        assert (end.milestone, end.exception) == (wanted.milestone, wanted.exception), number


def test_every_demo_shopper_can_be_delivered_to_and_wants_what_there_is() -> None:
    known = {each.sku for good in demo.PRODUCTS for each in good.variants} | {one.sku for one in demo.SETS}
    visits = [demo_market.visit(random.Random(n), n) for n in range(2_000)]
    assert {line.sku for visit in visits for line in visit.lines} <= known
    assert {visit.email for visit in visits} == {who.email for who in demo.SHOPPERS}
    zones = {visit.method.split("-")[1] for visit in visits}
    assert zones == {"home", "near", "europe", "world"}
    assert len({visit.key for visit in visits}) == len(visits)
    assert 0.1 < sum(visit.will_wander for visit in visits) / len(visits) < 0.2


def test_the_thread_brings_people_in_rests_with_the_switch_and_ends(
    shop: Demo, caplog: pytest.LogCaptureFixture
) -> None:
    stop, patience = threading.Event(), threading.Event()
    with shop.db.begin(actor="owner") as tx:
        profile.save(tx, {"demo_world_on": False})
    shop.house.placing.start()
    with caplog.at_level(logging.ERROR, logger="storekeep"):
        thread = living.start(shop.house, 50, stop)
        try:
            patience.wait(2.5)
            at_rest = shop.count(cart)
            with shop.db.begin(actor="owner") as tx:
                profile.save(tx, {"demo_world_on": True})
            for _ in range(300):
                if shop.count(sales_order):
                    break
                patience.wait(0.1)
        finally:
            stop.set()
            thread.join(20)
            shop.house.placing.stop()
    assert not thread.is_alive()
    assert at_rest == 0
    assert shop.count(sales_order) > 0
    assert not [record.getMessage() for record in caplog.records]
