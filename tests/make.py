"""Builds shops and orders through the flows, the way people would: `make.order(shop, "MUG", 2, paid=True)`."""

import random
from dataclasses import dataclass, field
from pathlib import Path

from storekeep.flows import basket, checkout, groundwork, house, telling
from storekeep.flows.house import House
from storekeep.flows.services import Services
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.catalog import categories, products
from storekeep.shop.catalog.model import CategoryDraft, ProductDraft, VariantDraft
from storekeep.shop.inventory import locations, receiving
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.notify.sender import DemoMailer
from storekeep.shop.payments import attempts, ledger, recipes
from storekeep.shop.payments.providers import MemoryProvider
from storekeep.shop.shipping.carriers.demo_cards import demo_carriers
from storekeep.shop.site import profile

ADDRESS = {
    "name": "Mina Example",
    "line1": "Test Road 1",
    "city": "Berlin",
    "postcode": "10115",
    "line2": "",
    "phone": "",
}


@dataclass
class Shop:
    """A small shop with a provider that has a memory, and everything that tests ask it for."""

    house: House
    provider: MemoryProvider
    clock: VirtualClock
    variants: dict[str, str] = field(default_factory=dict)
    count: int = 0

    @property
    def db(self) -> Database:
        return self.house.db

    def work(self) -> int:
        """Let the worker empty the queues."""
        return self.house.worker.drain()


def shop(db: Database, clock: VirtualClock, folder: Path, goods: dict[str, tuple[int, int, int]] | None = None) -> Shop:
    """A shop with goods: SKU -> (price, cost, units on hand)."""
    provider = MemoryProvider(clock.now, name="memory")
    with db.begin(actor="owner") as tx:
        groundwork.lay(tx)
        profile.save(tx, {"name": "Test shop", "base_country": "DE", "timezone": "Europe/Berlin"})
        secret = telling.link_secret(tx)
    services = Services(
        db=db,
        providers={"memory": provider},
        provider="memory",
        mailer=DemoMailer(),
        carriers=demo_carriers(lambda content: b"%PDF-label " + content.tracking_number.encode()),
        link_secret=secret,
        public_url="http://127.0.0.1:8000",
    )
    made = Shop(house.build(services, name="test", rng=random.Random(5), media_folder=folder), provider, clock)
    stock(made, goods or {"MUG": (1250, 500, 20), "BOWL": (1990, 800, 10), "TEA": (700, 300, 50)})
    return made


def stock(made: Shop, goods: dict[str, tuple[int, int, int]]) -> None:
    """Add products of one variant each and receive their units into bins."""
    with made.db.begin(actor="owner") as tx:
        known = categories.create(tx, [CategoryDraft(f"things-{made.count}", "Things")])
        made.count += 1
        drafts = [
            ProductDraft(
                slug=sku.lower(),
                title=sku.title(),
                category_id=known[0],
                variants=(VariantDraft(sku, price, cost_minor=cost, weight_g=400),),
                tax_class="reduced" if sku == "TEA" else "standard",
                status="active",
            )
            for sku, (price, cost, _) in goods.items()
        ]
        created = products.create(tx, drafts)
        ids = dict(zip(goods, (one.variant_ids[0] for one in created), strict=True))
        home = warehouses(tx)[0].id
        bins = [locations.by_code(tx, f"A-{n:02}-1").id for n in range(1, 11)]
        lines = [
            ReceiveLine(ids[sku], units, cost, bins[n % 10])
            for n, (sku, (_, cost, units)) in enumerate(goods.items())
            if units
        ]
        if lines:
            moves = receiving.receive(tx, lines, home, f"opening {made.count}", "opening stock")
            value = sum(move.value_minor for move in moves)
            ledger.post(tx, [recipes.goods_received(moves[0].document_id, f"opening {made.count}", value, "EUR")])
    made.variants |= ids


def cart(made: Shop, wanted: dict[str, int], *, code: str | None = None, country: str = "DE") -> str:
    """A cart with address and delivery, held; returns its id."""
    made.count += 1
    with made.db.begin(actor="shopper") as tx:
        cart_id = basket.open_cart(tx, f"token-{made.count}", country)
        for sku, qty in wanted.items():
            basket.put(tx, cart_id, made.variants[sku], qty, add=True)
        if code:
            basket.use_code(tx, cart_id, code)
    method = {"DE": "standard-home", "AT": "standard-near"}.get(country, "standard-world")
    with made.db.begin(actor="shopper") as tx:
        checkout.hold(tx, cart_id, checkout.Details(f"mina{made.count}@example.com", country, method, ADDRESS))
    return cart_id


def place(made: Shop, cart_id: str, **options: object) -> checkout.PlaceAnswer:
    """Press the button."""
    with made.db.begin(actor="shopper") as tx:
        return checkout.place(tx, [checkout.PlaceOrder(cart_id, provider="memory", **options)])[0]  # type: ignore[arg-type]


def order(
    made: Shop, wanted: dict[str, int] | None = None, *, paid: bool = False, **options: object
) -> checkout.Placed:
    """Place an order, and with `paid` let the shopper pay on the hosted page and the worker find out."""
    answer = place(made, cart(made, wanted or {"MUG": 2}, **options))  # type: ignore[arg-type]
    assert isinstance(answer, checkout.Placed), answer
    made.work()
    if paid:
        pay(made, answer.order_id)
    return answer


def pay(made: Shop, order_id: str, outcome: str | None = None) -> None:
    """The shopper pays on the provider's page; the webhook's news is fetched at once."""
    from storekeep.flows import settle

    with made.db.read() as tx:
        payment = attempts.of_order(tx, order_id)[-1]
    made.provider.shopper_pays(payment.session_ref, outcome)  # type: ignore[arg-type]
    settle.observe(made.house.services, payment.id)
    made.work()
