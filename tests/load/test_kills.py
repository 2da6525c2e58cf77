"""Server, worker and warehouse are shot at random moments under load; afterwards every book agrees.

Shoppers press the button again with the same cart until they are answered, as people do. What they were told stands;
the provider's own book and the shop's are compared both ways, and no unit leaves the house twice.
"""

import http.client
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from town import Town

from storekeep.doors.cli.bench.seeding import ReadyCart
from storekeep.doors.cli.running import house_of
from storekeep.flows.chores import Housekeeper
from storekeep.kernel.clock import MINUTE, Instant, SystemClock
from storekeep.kernel.db import Database
from storekeep.shop.fulfillment.tables import fulfillment_line
from storekeep.shop.inventory.tables import stock_move
from storekeep.shop.orders.tables import order_line, sales_order
from storekeep.shop.payments.tables import payment
from storekeep.shop.reports import verify
from storekeep.shop.shipping.tables import shipment
from storekeep.world.simulator.till import GOOD, PageTill

SHOPPERS = 6


class Later(SystemClock):
    """The time after every lease of the dead has run out."""

    def now(self) -> Instant:
        return super().now() + 3 * MINUTE


class Crowd:
    """Shoppers in threads. `told` is what the shop acknowledged: cart -> order number."""

    def __init__(self, town: Town, carts: Sequence[ReadyCart]) -> None:
        self._town, self._carts = town, iter(carts)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self.told: dict[str, int] = {}
        self.wrong: list[str] = []
        self.repeats = 0
        self._threads = [threading.Thread(target=self._live, daemon=True) for _ in range(SHOPPERS)]
        for thread in self._threads:
            thread.start()

    def go_home(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _live(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                cart = next(self._carts, None)
            if cart is None:
                return
            path = self._insist("POST", "/checkout/place", cart.token, f"seen_total={cart.total_minor}")
            if path is None:
                return
            with self._lock:
                self.told[cart.id] = int(path.split("/")[2])
            page = self._insist("GET", path, cart.token)
            if page and page.startswith("http"):
                PageTill().pay(page, GOOD)
                self._insist("GET", path.removesuffix("/pay") + "/paid", cart.token)

    def _insist(self, method: str, path: str, token: str, body: str = "") -> str | None:
        """Ask until there is an answer; where it leads. None when it is time to go home."""
        while not self._stop.is_set():
            try:
                status, location, text = self._ask(method, path, token, body)
            except (OSError, http.client.HTTPException):
                self.repeats += 1
                time.sleep(0.05)
                continue
            if status in (302, 303, 307):
                return location
            if method == "POST":
                self.wrong.append(f"{method} {path}: {status} {text[:300]}")
            return ""
        return None

    def _ask(self, method: str, path: str, token: str, body: str) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._town.port, timeout=20)
        headers = {
            "Origin": self._town.origin,
            "Sec-Fetch-Site": "same-origin",
            "Cookie": f"__Host-shop={token}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheader("location") or "", answer.read().decode()
        finally:
            connection.close()


@pytest.fixture
def town(db_url: str, tmp_path: Path) -> Iterator[Town]:
    made = Town(db_url, tmp_path)
    yield made
    made.close()


def survive(town: Town, kills: int, seed: int) -> None:
    rng = random.Random(seed)
    town.open()
    crowd = Crowd(town, town.carts(20_000))
    for _ in range(kills):
        time.sleep(rng.uniform(0.3, 2.5))
        town.processes.kill()
        town.open()
        clean(town)
    time.sleep(2)
    crowd.go_home()
    town.processes.kill()
    finish(town)
    clean(town)
    assert not crowd.wrong
    assert crowd.told
    assert crowd.repeats >= kills
    nothing_acknowledged_is_lost(town, crowd.told)
    nothing_is_charged_twice(town)
    nothing_is_shipped_twice(town)


def finish(town: Town) -> None:
    """Three minutes later the leases of the dead have run out, and news that never came has been asked for."""
    db = Database(town.url, clock=Later())
    worker = house_of(db, town.url, name="heir").worker
    worker.drain()
    Housekeeper(db).step()
    while worker.drain():
        Housekeeper(db).step()
    db.close()


def clean(town: Town) -> None:
    with town.db.read() as tx:
        report = verify.run(tx)
    assert report.exit_code == 0, report.as_text()


def nothing_acknowledged_is_lost(town: Town, told: dict[str, int]) -> None:
    with town.db.read() as tx:
        kept = {row.cart_id: row.number for row in tx.rows(sa.select(sales_order.c.cart_id, sales_order.c.number))}
    assert {cart_id: kept.get(cart_id) for cart_id in told} == told


def nothing_is_charged_twice(town: Town) -> None:
    """The provider's book and ours name the same money, intent by intent, and no order has two."""
    book = sqlite3.connect(f"file:{town.folder / 'sandbox.db'}?mode=ro", uri=True)
    theirs = dict(book.execute("SELECT id, received FROM intent WHERE received > 0"))
    set_aside = dict(book.execute("SELECT id, capturable FROM intent WHERE capturable > 0"))
    paid_sessions = book.execute("SELECT client_reference_id FROM session WHERE status = 'complete'").fetchall()
    book.close()
    with town.db.read() as tx:
        rows = tx.rows(sa.select(payment).where(payment.c.provider_ref.is_not(None)))
    assert {row.provider_ref: row.captured_minor for row in rows if row.captured_minor} == theirs
    ours = {
        row.provider_ref: row.authorized_minor - row.captured_minor
        for row in rows
        if row.authorized_minor > row.captured_minor
    }
    assert ours == set_aside
    assert max(Counter(row.order_id for row in rows if row.provider_ref in {*theirs, *set_aside}).values()) == 1
    assert max(Counter(paid_sessions).values()) == 1


def nothing_is_shipped_twice(town: Town) -> None:
    """The goods that left, order line by order line, are those that the order says were sent, and in one parcel."""
    move, line = stock_move.c, fulfillment_line.c
    query = (
        sa.select(line.order_line_id, sa.func.sum(move.qty))
        .join(fulfillment_line, line.id == move.line_id)
        .where(move.kind == "ship")
        .group_by(line.order_line_id)
    )
    with town.db.read() as tx:
        left = {row[0]: int(row[1]) for row in tx.rows(query)}
        lines = {row.id: row for row in tx.rows(sa.select(order_line))}
        parcels = Counter(row.fulfillment_id for row in tx.rows(sa.select(shipment.c.fulfillment_id)))
    assert left, "the load was too small: nothing left the house"
    assert left == {one.id: one.fulfilled for one in lines.values() if one.fulfilled}
    assert all(one.fulfilled <= one.ordered for one in lines.values())
    assert set(parcels.values()) == {1}


@pytest.mark.slow
def test_three_kills_lose_and_double_nothing(town: Town) -> None:
    survive(town, kills=3, seed=11)


@pytest.mark.crash
def test_thirty_kills_lose_and_double_nothing(town: Town) -> None:
    survive(town, kills=30, seed=12)
