"""Drives documents through the shop, batch by batch, in virtual time: shoppers, provider, floor, carrier and agent.

It changes the shop through verbs alone. A batch is a stretch of one day; its orders are placed and sent together at its
last moment, then its credits, corrections and charges follow in order. Parcels arrive on the next day.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import select

from storekeep.flows import checkout, dispatch, floor, labels, packing, settle, tracking
from storekeep.flows.handlers import batches, handlers
from storekeep.flows.services import Services
from storekeep.flows.tracking import Scan
from storekeep.kernel.clock import DAY, HOUR, MINUTE, Instant, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import StorekeepError
from storekeep.kernel.worker import Worker
from storekeep.shop.fulfillment.model import Scanned
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line
from storekeep.shop.inventory import reservations
from storekeep.shop.inventory.model import HoldLine, HoldRequest, Short
from storekeep.shop.orders import filling
from storekeep.shop.orders.filling import AgreedLine, FullCart
from storekeep.shop.payments.providers import MemoryProvider
from storekeep.shop.payments.tables import payment
from storekeep.shop.shipping.carriers.demo_cards import SWALLOW
from storekeep.shop.shipping.slips import SlipContent
from storekeep.world.simulator.replay import afterwards
from storekeep.world.simulator.replay.matching import Matcher
from storekeep.world.simulator.replay.planning import Document, Order
from storekeep.world.simulator.replay.reading import MAX_UNITS
from storekeep.world.simulator.replay.stocking import CURRENCY, METHOD, Shelf

MAX_LINES = 10_000
JOBS = 500
#: How long after the hand-over a parcel is accepted by the carrier, and how long after it is delivered.
ACCEPTED, DELIVERED = 2 * HOUR, DAY
LANES = ("money", "label", "mail", "default")


class Stuck(StorekeepError):
    """The shop refused what the file says happened, or left work undone; the reason names the invoice."""


@dataclass(slots=True)
class Tally:
    """What was driven, as it is counted while driving."""

    orders: int = 0
    credit_notes: int = 0
    stock_outs: int = 0
    matched_units: int = 0
    matched_lines: int = 0
    returns: int = 0
    blind_units: int = 0
    blind_lines: int = 0
    blind_returns: int = 0
    manual_credits: int = 0


@dataclass(slots=True)
class Driver:
    """A shop under replay. `shelves` is where each product stands, `codes` the country code of each name."""

    db: Database
    clock: VirtualClock
    services: Services
    provider: MemoryProvider
    shelves: Mapping[str, Shelf]
    codes: Mapping[str, str]
    rng: random.Random
    tally: Tally = field(default_factory=Tally)
    matcher: Matcher = field(default_factory=Matcher)
    #: The order of each key of the plan
    placed: dict[str, str] = field(default_factory=dict)
    _skus: dict[str, str] = field(default_factory=dict)
    _parcels: list[tuple[Instant, list[str]]] = field(default_factory=list)
    _worker: Worker | None = None

    @property
    def worker(self) -> Worker:
        """Empties the queues; labels and packing slips of a replay are a line of text each."""
        if self._worker is None:
            known = dict(handlers(self.services))
            known["label.buy"] = partial(labels.buy_label, self.db, self.services.carriers, slip=_plain_slip)
            many = dict(batches(self.services))
            many["label.buy"] = partial(labels.buy_labels, self.db, self.services.carriers, slip=_plain_slip)
            self._worker = Worker(self.db, known, "replay", self.rng, many)
            self._skus = {shelf.variant_id: sku for sku, shelf in self.shelves.items()}
        return self._worker

    def drive(self, batch: Sequence[Document]) -> None:
        """Play one batch; raises `Stuck` when the shop does not follow."""
        at = max(document.at for document in batch)
        self.deliver(at)
        self.clock.move_to(at)
        orders = [order for document in batch for order in document.orders]
        if orders:
            ids = self._place(orders)
            self._pay(ids)
            self._send(ids)
        afterwards.follow(self, batch)
        self.work()

    def deliver(self, until: Instant | None = None) -> None:
        """Let the carrier deliver what is due before `until`; without it, everything."""
        while self._parcels and (until is None or self._parcels[0][0] <= until):
            due, numbers = self._parcels.pop(0)
            self.clock.move_to(due)
            with self.db.begin(actor=f"carrier:{SWALLOW}") as tx:
                scans = [Scan(number, "S70", "Delivered", "", due, SWALLOW) for number in numbers]
                found = tracking.record(tx, scans)
            if found.unknown:
                raise Stuck(f"the shop does not know its parcel {found.unknown[0]}")
        if until is None:
            self.work()

    def work(self, lanes: Sequence[str] | None = None) -> None:
        """Let the worker empty the queues."""
        while self.worker.step(lanes, JOBS):
            pass

    def _place(self, orders: Sequence[Order]) -> dict[str, str]:
        """Carts with agreed prices, held and then placed together; returns the new orders' ids by key."""
        until = self.clock.now() + HOUR
        with self.db.begin(actor="shopper") as tx:
            limits = {"quantity_limit": MAX_UNITS, "line_limit": MAX_LINES}
            carts = filling.fill(tx, [self._cart(order, until) for order in orders], **limits)
            held = reservations.hold(
                tx,
                [
                    HoldRequest(
                        cart_id,
                        tuple(HoldLine(self.shelves[line.sku].variant_id, line.qty) for line in order.lines),
                        tx.now + 10 * MINUTE,
                    )
                    for cart_id, order in zip(carts, orders, strict=True)
                ],
            )
        self.tally.stock_outs += sum(isinstance(answer, Short) for answer in held)
        with self.db.begin(actor="shopper") as tx:
            answers = checkout.place(
                tx,
                [
                    checkout.PlaceOrder(
                        cart_id, order.total_minor, "replay", provider="memory", quantity_limit=MAX_UNITS
                    )
                    for cart_id, order in zip(carts, orders, strict=True)
                ],
            )
        ids = {}
        for order, answer in zip(orders, answers, strict=True):
            if isinstance(answer, checkout.NotPlaced):
                said = "; ".join(problem.text for problem in answer.problems[:3])
                raise Stuck(f"invoice {order.key} could not be placed: {said}")
            ids[order.key] = answer.order_id
        self.placed |= {order.key: ids[order.key] for order in orders if order.customer}
        self.tally.orders += len(ids)
        return ids

    def _cart(self, order: Order, until: Instant) -> FullCart:
        name = f"Customer {order.customer} (name not in the file)" if order.customer else "No name in the file"
        email = f"customer-{order.customer}@replay.example" if order.customer else "no-name@replay.example"
        address = {"name": name, "line1": "Address not in the file", "city": "Not in the file", "postcode": "-"}
        lines = tuple(AgreedLine(self.shelves[line.sku].variant_id, line.qty, line.unit_minor) for line in order.lines)
        return FullCart(
            f"replay:{order.key}", CURRENCY, self.codes[order.country], email, address, METHOD, lines, until
        )

    def _pay(self, ids: Mapping[str, str]) -> None:
        """Every shopper pays on the page that the worker has opened; the shop looks at once."""
        self.work(["money"])
        with self.db.read() as tx:
            query = select(payment.c.id, payment.c.session_ref).where(payment.c.order_id.in_(list(ids.values())))
            open_pages = tx.rows(query.order_by(payment.c.id))
        for page in open_pages:
            if page.session_ref is None:
                raise Stuck("a payment page was not opened")
            self.provider.shopper_pays(page.session_ref)
        settle.observe_many(self.services, [page.id for page in open_pages])

    def _send(self, ids: Mapping[str, str]) -> None:
        """The floor claims, picks, packs and closes; the worker buys labels and captures; the parcels leave."""
        f, w = fulfillment.c, fulfillment_line.c
        with self.db.read() as tx:
            query = select(f.id).where(f.order_id.in_(list(ids.values())), f.kind == "sale").order_by(f.number)
            work = [row.id for row in tx.rows(query)]
        if len(work) != len(ids):
            raise Stuck(f"{len(ids)} orders were paid, but the warehouse got {len(work)} pieces of work")
        with self.db.begin(actor="staff:replay") as tx:
            picks = {
                claimed.fulfillment_id: [
                    Scanned(self._skus[stop.variant_id], f"pick:{claimed.fulfillment_id}:{n}", stop.qty)
                    for n, stop in enumerate(claimed.stops)
                ]
                for claimed in floor.claim(tx, None, work)
            }
            for each, answers in floor.scan_many(tx, picks).items():
                _all_right(each, answers)
        with self.db.begin(actor="staff:replay") as tx:
            picked: dict[str, list[Scanned]] = {each: [] for each in work}
            query = select(w.id, w.fulfillment_id, w.sku, w.picked).where(w.fulfillment_id.in_(work)).order_by(w.id)
            for line in tx.rows(query):
                picked[line.fulfillment_id].append(Scanned(line.sku, f"pack:{line.id}", line.picked))
            for each, answers in packing.scan_many(tx, picked).items():
                _all_right(each, answers)
            packing.close_many(tx, dict.fromkeys(work), carriers=self.services.carriers)
        self.work(["money", "label"])
        with self.db.begin(actor="staff:replay") as tx:
            sent = dispatch.ship(tx, work, f"replay:{work[0]}")
        for result in sent:
            if not result.is_done:
                raise Stuck(result.text)
        numbers = [result.tracking_number for result in sent if result.tracking_number is not None]
        self._parcels.append((self.clock.now() + DELIVERED, numbers))


def _all_right(what: object, answers: Sequence[object]) -> None:
    for answer in answers:
        if not getattr(answer, "is_right", False):
            raise Stuck(f"fulfillment {what}: the floor was told “{getattr(answer, 'text', '')}”")


def _plain_slip(content: SlipContent) -> bytes:
    return f"Replay packing slip for order {content.order_number}".encode()
