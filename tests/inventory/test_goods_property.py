"""Whatever people do in whatever order, every cache equals what the ledger says."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from stockroom import Sale, Stockroom, check_books

from storekeep.kernel.clock import MINUTE, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import StorekeepError
from storekeep.kernel.ids import SeededIds
from storekeep.shop.inventory import (
    adjusting,
    correcting,
    costing,
    landing,
    locations,
    picking,
    receiving,
    reservations,
    returning,
)
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.landing import Landing
from storekeep.shop.inventory.model import (
    AssignRequest,
    Firmed,
    FirmLine,
    FirmRequest,
    HoldLine,
    HoldRequest,
    PickRequest,
    PutawayLine,
    ReceiveLine,
    RestockLine,
    ReturnLine,
    ShipLine,
)
from storekeep.shop.inventory.tables import reservation, stock_move
from templates import share_compiled

NAME = st.sampled_from(["MUG", "BOWL"])
BIN = st.sampled_from(["A-1", "A-2", "B-1"])
UNITS = st.integers(1, 5)
START = 1_800_000_000_000_000


class Warehouse(RuleBasedStateMachine):
    """Receivers, shoppers, pickers and counters, one command at a time; a refusal must change nothing."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.template, self.folder / "shop.db")
        self.clock = VirtualClock(START)
        ids = SeededIds(self.clock, seed=3)
        self.db = Database(f"sqlite:///{self.folder / 'shop.db'}", clock=self.clock, ids=ids, synchronous="OFF")
        share_compiled(self.db)
        self.room = Stockroom(self.db)
        self.carts = [self.room.id() for _ in range(3)]
        self.sales: list[Sale] = []
        for name, at in (("MUG", "A-1"), ("MUG", "A-2"), ("BOWL", "A-1")):
            self.room.stock(name, 6, at, cost=333)

    def teardown(self) -> None:
        self.db.close()
        shutil.rmtree(self.folder)

    def attempt(self, verb: Any, *args: Any) -> Any:
        try:
            with self.db.begin("staff:somebody") as tx:
                return verb(tx, *args)
        except StorekeepError:
            return None

    def rows(self, status: str) -> list[Any]:
        with self.db.read() as tx:
            query = select(reservation).where(reservation.c.status == status).order_by(reservation.c.id)
            return list(tx.rows(query))

    @rule(name=NAME, at=st.none() | BIN, qty=UNITS, cost=st.integers(0, 999))
    def goods_arrive(self, name: str, at: str | None, qty: int, cost: int) -> None:
        line = ReceiveLine(self.room.variants[name], qty, cost, self.room.bins[at] if at else None)
        self.attempt(receiving.receive, [line], self.room.home, self.room.command(), "delivery")

    @rule(method=st.sampled_from(["average", "fifo"]))
    def the_owner_chooses_how_to_value_goods(self, method: str) -> None:
        self.attempt(costing.choose_method, method)

    @rule(nth=st.integers(0, 50), amount=st.integers(-300, 900))
    def freight_comes_late(self, nth: int, amount: int) -> None:
        with self.db.read() as tx:
            m = stock_move.c
            came = [row.id for row in tx.rows(select(m.id).where(m.kind == "receive").order_by(m.seq))]
        bill = self.room.id()
        landed = self.attempt(
            landing.add_costs, [Landing(came[nth % len(came)], self.room.id(), amount)], "bill", bill
        )[0]
        assert landed.stock_minor + landed.sold + landed.lost + landed.sent_back == amount

    @rule(name=NAME, at=BIN, qty=UNITS)
    def goods_are_put_away(self, name: str, at: str, qty: int) -> None:
        line = PutawayLine(self.room.variants[name], qty, self.room.bins[at])
        self.attempt(receiving.putaway, [line], self.room.home, self.room.command())

    @rule(cart=st.integers(0, 2), mugs=UNITS, bowls=st.integers(0, 3))
    def a_cart_is_held(self, cart: int, mugs: int, bowls: int) -> None:
        lines = [HoldLine(self.room.variants["MUG"], mugs)]
        lines += [HoldLine(self.room.variants["BOWL"], bowls)] if bowls else []
        until = self.clock.now() + 10 * MINUTE
        self.attempt(reservations.hold, [HoldRequest(self.carts[cart], tuple(lines), until)])

    @rule(cart=st.none() | st.integers(0, 2), name=NAME, qty=UNITS)
    def an_order_is_placed(self, cart: int | None, name: str, qty: int) -> None:
        room = self.room
        sale = Sale(room.id(), room.id(), room.id(), room.variants[name], qty)
        line = FirmLine(sale.order_line_id, sale.variant_id, qty)
        done = self.attempt(
            reservations.firm, [FirmRequest(None if cart is None else self.carts[cart], sale.order_id, (line,))]
        )
        if isinstance(done[0], Firmed):
            self.sales.append(sale)

    @rule(pick=st.integers(0, 50))
    def an_order_gets_its_bins(self, pick: int) -> None:
        if self.sales:
            sale = self.sales[pick % len(self.sales)]
            request = AssignRequest(
                sale.line_id, sale.order_id, sale.order_line_id, sale.variant_id, self.room.home, sale.qty
            )
            self.attempt(picking.assign, [request])

    @rule(pick=st.integers(0, 50), qty=UNITS)
    def units_are_picked(self, pick: int, qty: int) -> None:
        rows = self.rows("assigned")
        if rows:
            row = rows[pick % len(rows)]
            request = PickRequest(row.fulfillment_line_id, row.location_id, min(qty, row.qty), self.room.command())
            assert self.attempt(picking.pick, [request]), "what is assigned can be picked"

    @rule(pick=st.integers(0, 50), qty=UNITS)
    def a_pick_is_undone(self, pick: int, qty: int) -> None:
        rows = self.rows("picked")
        if rows:
            row = rows[pick % len(rows)]
            request = PickRequest(row.fulfillment_line_id, row.location_id, qty, self.room.command())
            self.attempt(picking.unpick, [request])

    @rule(pick=st.integers(0, 50), found=st.integers(0, 3), reason=st.sampled_from(["missing", "damaged"]))
    def a_bin_holds_less(self, pick: int, found: int, reason: str) -> None:
        rows = self.rows("assigned")
        if rows:
            row = rows[pick % len(rows)]
            self.attempt(
                picking.short, row.fulfillment_line_id, row.location_id, found, reason, self.room.command()
            )

    @rule(pick=st.integers(0, 50))
    def picked_goods_are_sent(self, pick: int) -> None:
        rows = self.rows("picked")
        if rows:
            row = rows[pick % len(rows)]
            line = ShipLine(row.fulfillment_line_id, row.order_line_id, row.variant_id, row.qty)
            sent = self.attempt(picking.ship, [line], self.room.home, self.room.id(), self.room.command())
            assert [(m.order_line_id, m.qty) for m in sent] == [(row.order_line_id, row.qty)]

    @rule(pick=st.integers(0, 50))
    def picked_goods_are_put_back(self, pick: int) -> None:
        rows = self.rows("picked")
        if rows:
            self.attempt(picking.put_back, [rows[pick % len(rows)].fulfillment_line_id], self.room.command())

    @rule(pick=st.integers(0, 50), qty=st.none() | UNITS)
    def an_order_is_canceled(self, pick: int, qty: int | None) -> None:
        if self.sales:
            sale = self.sales[pick % len(self.sales)]
            units = None if qty is None else {sale.order_line_id: qty}
            self.attempt(reservations.release_order, sale.order_id, units, "canceled")

    @rule(name=NAME, at=BIN, delta=st.integers(-4, 4))
    def a_count_is_corrected(self, name: str, at: str, delta: int) -> None:
        place = self.room.variants[name], self.room.bins[at]
        self.attempt(correcting.correct, [Correction(*place, delta, "recount", self.room.command())])

    @rule(name=NAME, at=BIN, qty=UNITS, verb=st.sampled_from([adjusting.scrap, adjusting.quarantine]))
    def goods_are_set_aside(self, name: str, at: str, qty: int, verb: Any) -> None:
        self.attempt(verb, self.room.variants[name], self.room.bins[at], qty, "chipped", self.room.command())

    @rule(name=NAME, start=BIN, end=BIN, qty=UNITS)
    def goods_are_carried(self, name: str, start: str, end: str, qty: int) -> None:
        bins = self.room.bins
        step = (self.room.variants[name], bins[start], bins[end], qty)
        self.attempt(adjusting.transfer, [step], self.room.command())

    @rule(name=NAME, qty=UNITS, value=st.integers(0, 2000))
    def goods_come_back(self, name: str, qty: int, value: int) -> None:
        line = ReturnLine(None, self.room.variants[name], qty, value)
        self.attempt(returning.return_in, [line], self.room.home, self.room.id(), self.room.command())

    @rule(name=NAME, at=BIN, qty=UNITS)
    def goods_are_good_again(self, name: str, at: str, qty: int) -> None:
        line = RestockLine(self.room.variants[name], qty, self.room.bins[at])
        self.attempt(returning.restock, [line], self.room.home, self.room.command())

    @rule(at=BIN, status=st.sampled_from(["active", "blocked"]))
    def a_bin_is_blocked_or_opened(self, at: str, status: str) -> None:
        self.attempt(locations.set_status, self.room.bins[at], status, "leaking roof")

    @rule(minutes=st.integers(1, 15))
    def time_passes(self, minutes: int) -> None:
        self.clock.sleep(minutes * MINUTE)
        self.attempt(reservations.expire_holds)
        assert all(row.expires_at > self.clock.now() for row in self.rows("cart"))

    @invariant()
    def every_cache_is_right(self) -> None:
        check_books(self.db)


@pytest.mark.slow
def test_random_sequences_of_all_verbs_keep_every_cache_right(sqlite_template: Path) -> None:
    class Here(Warehouse):
        template = sqlite_template

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=25, stateful_step_count=40, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
