"""The people and programs outside who ask the shop over HTTP, again and again until they are answered.

They live on when the shop is shot. `Told` keeps what was acknowledged to them: that must still be true in the end.
"""

import hashlib
import hmac
import html
import http.client
import json
import random
import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from storekeep.doors.cli.bench.seeding import ReadyCart
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.shipping.tables import shipment
from storekeep.shop.shipping.tracking_fold import code_for
from storekeep.shop.support.tables import remedy
from storekeep.world.simulator.till import GOOD, PageTill

if TYPE_CHECKING:
    from town import Town

FORM = "application/x-www-form-urlencoded"
#: What a carrier tells about a parcel after what it told last.
NEXT = {"label_created": "accepted", "accepted": "in_transit", "in_transit": "delivered"}


@dataclass(frozen=True)
class Answer:
    """What came back: a status, where it leads, the page."""

    status: int
    location: str
    text: str

    def hidden(self, name: str) -> str | None:
        """The value of a hidden field of the page's forms."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        return html.unescape(found[1]) if found else None


@dataclass
class Told:
    """What was acknowledged, by whom it was asked. Threads write it; it is read when they have gone home."""

    #: Cart -> order number; and when each of these was asked for and answered, in monotonic seconds
    orders: dict[str, int] = field(default_factory=dict)
    order_times: list[tuple[float, float]] = field(default_factory=list)
    canceled: set[int] = field(default_factory=set)
    #: Command -> what it did
    complaints: dict[str, int] = field(default_factory=dict)
    remedies: dict[str, str] = field(default_factory=dict)
    #: (tracking number, code, moment)
    scans: set[tuple[str, str, int]] = field(default_factory=set)
    #: Answers that no repeat can put right, and answers 5xx with their status
    wrong: list[str] = field(default_factory=list)
    failed: list[tuple[int, str]] = field(default_factory=list)
    repeats: int = 0

    @property
    def count(self) -> int:
        kept: tuple[Any, ...] = (self.orders, self.canceled, self.complaints, self.remedies, self.scans)
        return sum(len(each) for each in kept)


class GoHome(Exception):
    """It is closing time."""


class Caller:
    """Somebody with a life of his own in a thread, and how he asks."""

    def __init__(self, town: "Town", told: Told, stop: threading.Event, seed: int) -> None:
        self.town, self.told, self.rng, self._stop = town, told, random.Random(seed), stop
        self._thread = threading.Thread(target=self._run, name=f"{type(self).__name__} {seed}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join(120)
        assert not self._thread.is_alive(), f"{self._thread.name} does not go home"

    def live(self) -> None:
        """One visit; it is called again and again."""
        raise NotImplementedError

    def _run(self) -> None:
        try:
            while True:
                self.live()
        except GoHome:
            return
        except Exception as stumble:
            self.told.wrong.append(f"{self._thread.name} stumbled: {stumble!r}")
            raise

    def pause(self, seconds: float) -> None:
        """Wait, and go home when it is time."""
        if self._stop.wait(seconds * self.rng.uniform(0.5, 1.5)):
            raise GoHome

    def ask(self, method: str, path: str, headers: dict[str, str], body: str | bytes = b"") -> Answer:
        """Ask until there is an answer that is neither a broken line nor the shop's own failure."""
        while True:
            try:
                answer = self._once(method, path, headers, body)
            except (OSError, http.client.HTTPException):
                self.told.repeats += 1
                self.pause(0.1)
                continue
            if answer.status < 500:
                return answer
            self.told.failed.append((answer.status, f"{method} {path}: {answer.status} {answer.text[-300:]}"))
            self.told.repeats += 1
            self.pause(0.2)

    def _once(self, method: str, path: str, headers: dict[str, str], body: str | bytes) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.town.port, timeout=20)
        same = {"Origin": self.town.origin, "Sec-Fetch-Site": "same-origin", "Content-Type": FORM}
        try:
            connection.request(method, path, body or None, same | headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheader("location") or "", answer.read().decode())
        finally:
            connection.close()

    def rows(self, query: Any) -> Sequence[Any]:
        """A look into the shop's database, to choose what to do next; nothing while it does not answer."""
        try:
            with self.town.db.read() as tx:
                return tx.rows(query)
        except DBAPIError:
            self.pause(0.2)
            return []

    def complain(self, what: str, answer: Answer) -> None:
        """An answer that should not be."""
        self.told.wrong.append(f"{what}: {answer.status} {answer.location} {answer.text[:300]}")


class Shopper(Caller):
    """Presses the button, pays, and now and then cancels or writes what is wrong."""

    def __init__(
        self, town: "Town", told: Told, stop: threading.Event, seed: int, carts: Iterator[ReadyCart]
    ) -> None:
        super().__init__(town, told, stop, seed)
        self._carts = carts

    def live(self) -> None:
        with self.town.lock:
            cart = next(self._carts, None)
        if cart is None:
            raise GoHome
        headers = {"Cookie": f"__Host-shop={cart.token}"}
        began = time.monotonic()
        placed = self.ask("POST", "/checkout/place", headers, f"seen_total={cart.total_minor}")
        if placed.status != 303:
            self.complain("placing", placed)
            return
        with self.town.lock:
            self.told.orders[cart.id] = int(placed.location.split("/")[2])
            self.told.order_times.append((began, time.monotonic()))
        here = placed.location.removesuffix("/pay")
        if self.rng.random() < 0.93:
            self._pay(here, headers)
        mood = self.rng.random()
        if mood < 0.12:
            self._cancel(here, headers, self.told.orders[cart.id])
        elif mood < 0.25:
            self._write(here, headers, self.told.orders[cart.id])
        self.pause(0.12)

    def _pay(self, here: str, headers: dict[str, str]) -> None:
        page = self.ask("GET", f"{here}/pay", headers).location
        if page.startswith("http") and not page.startswith(self.town.origin):
            PageTill().pay(page, GOOD)
            self.ask("GET", f"{here}/paid", headers)

    def _cancel(self, here: str, headers: dict[str, str], number: int) -> None:
        token = self.ask("GET", here, headers).hidden("_token")
        if token is None:
            return
        answer = self.ask("POST", f"{here}/cancel", headers, urlencode({"_token": token}))
        if answer.status == 303:
            self.told.canceled.add(number)
        elif answer.status != 409:
            self.complain("canceling", answer)

    def _write(self, here: str, headers: dict[str, str], number: int) -> None:
        page = self.ask("GET", here, headers)
        token, command = page.hidden("_token"), page.hidden("command_id")
        if token is None or command is None:
            return
        typed = {"_token": token, "command_id": command, "reason": "other", "text": f"Order {number} is blue."}
        answer = self.ask("POST", f"{here}/problem", headers, urlencode(typed))
        if answer.status == 303:
            self.told.complaints[command] = number
        else:
            self.complain("a complaint", answer)


class Agent(Caller):
    """Sits in the console and gives money back, or agrees that goods come back, for orders that were sent."""

    def live(self) -> None:
        self.pause(0.3)
        o = sales_order.c
        done = select(remedy.c.id).where(remedy.c.order_id == o.id)
        sent = select(o.number).where(o.fulfillment_status == "fulfilled", ~done.exists())
        found = self.rows(sent.order_by(o.number.desc()).limit(20))
        if found:
            self._put_right(self.rng.choice(found).number, self.rng.choice(("refund", "return")))

    def _put_right(self, number: int, kind: str) -> None:
        headers = {"Cookie": f"__Host-staff={self.town.staff_token}"}
        path = f"/console/orders/{number}/remedies/{kind}"
        page = self.ask("GET", f"{path}?show=1&units_1=1&units_2=1&units_3=0&reason=Broken", headers)
        typed = {name: page.hidden(name) for name in ("_token", "command_id", "seen")}
        if typed["seen"] is None:
            return  # not possible any more
        sent = typed | {"units_1": "1", "units_2": "1", "units_3": "0", "reason": "Broken"}
        answer = self.ask("POST", path, headers, urlencode(sent))
        if answer.status == 303 and "/login" not in answer.location:
            self.told.remedies[str(typed["command_id"])] = kind
        elif answer.status not in (409, 422):
            self.complain(kind, answer)


class Carrier(Caller):
    """Reports what it scanned, a handful of parcels at a time, until the shop says that it has it."""

    def live(self) -> None:
        self.pause(0.8)
        s = shipment.c
        moving = select(s.carrier, s.tracking_number, s.milestone).where(
            s.status == "handed_over", s.milestone.in_(NEXT), s.tracking_number.is_not(None)
        )
        found = self.rows(moving.order_by(s.last_scan_at.is_not(None), s.id).limit(200))
        for carrier in sorted({row.carrier for row in found}):
            own = [row for row in found if row.carrier == carrier]
            self._report(carrier, self.rng.sample(own, min(len(own), 5)))

    def _report(self, carrier: str, parcels: Sequence[Any]) -> None:
        now = time.time_ns() // 1000
        scans = [
            {"tracking_number": row.tracking_number, "code": code_for(carrier, NEXT[row.milestone]), "at": now}
            for row in parcels
        ]
        body = json.dumps(scans).encode()
        signature = hmac.new(self.town.carrier_secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Storekeep-Signature": signature, "Content-Type": "application/json"}
        answer = self.ask("POST", f"/webhooks/carriers/{carrier}", headers, body)
        if answer.status == 200:
            self.told.scans |= {(str(row["tracking_number"]), str(row["code"]), now) for row in scans}
        else:
            self.complain("a scan", answer)
