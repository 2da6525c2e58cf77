"""A small shop behind its storefront, and a browser that keeps cookies: what the tests of the store's pages need."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import anyio
from sqlalchemy import select

from storekeep.doors import storefront
from storekeep.doors.web import Formats, HostPolicy, Renderer, Walls, assemble, load_assets
from storekeep.flows import groundwork, receive
from storekeep.flows import house as houses
from storekeep.flows.house import House
from storekeep.flows.services import Services
from storekeep.flows.telling import link_secret
from storekeep.kernel.db import Database
from storekeep.shop.catalog import CategoryDraft, ProductDraft, VariantDraft, categories, products
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.inventory.tables import location
from storekeep.shop.notify.sender import DemoMailer
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.payments.providers.memory import MemoryProvider
from storekeep.shop.pricing import coupons
from storekeep.shop.site import pages, profile

ORIGIN = "http://127.0.0.1:8000"
PROVIDER = "http://localhost:9000/pay/"
ASSETS = load_assets()


class Provider(MemoryProvider):
    """The provider in memory, with a page that a browser could be sent to."""

    def open_session(self, **asked: Any) -> Any:
        opened = super().open_session(**asked)
        return replace(opened, redirect_url=f"{PROVIDER}{opened.session_ref}")


@dataclass
class Answer:
    """What the shop answered."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def words(self) -> str:
        """The text as it is read: no tags, single blanks."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.text)).replace("\xa0", " ").split())

    @property
    def location(self) -> str:
        return self.headers.get("location", "")

    def field(self, name: str) -> str:
        """The value of the first hidden field with this name."""
        found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', self.text)
        assert found is not None, f"there is no field {name}"
        return unescape(found.group(1))


@dataclass
class Browser:
    """Sends requests straight into the application; cookies are kept as a browser would."""

    app: Any
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, url: str, **headers: str) -> Answer:
        return self._ask("GET", url, {}, headers)

    def post(self, url: str, form: Mapping[str, str], **headers: str) -> Answer:
        return self._ask("POST", url, form, {"sec_fetch_site": "same-origin", **headers})

    def follow(self, answer: Answer) -> Answer:
        assert answer.status == 303, answer.words
        return self.get(answer.location)

    def _ask(self, method: str, url: str, form: Mapping[str, str], extra: Mapping[str, str]) -> Answer:
        parts = urlsplit(url)
        body = urlencode(form).encode()
        sent = {"host": "127.0.0.1:8000", **{name.replace("_", "-"): value for name, value in extra.items()}}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            sent |= {"content-type": "application/x-www-form-urlencoded", "content-length": str(len(body))}
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "client": ("203.0.113.9", 1),
            "server": ("127.0.0.1", 8000),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        }
        answered: list[Any] = []
        chunks: list[bytes] = []
        waiting = [body]

        async def take() -> dict[str, Any]:
            if not waiting:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}

        async def give(message: Any) -> None:
            if message["type"] == "http.response.start":
                answered.append(message)
            else:
                chunks.append(message.get("body", b""))

        async def run() -> None:
            await self.app(scope, take, give)

        anyio.run(run)
        headers: dict[str, str] = {}
        for raw_name, raw_value in answered[0]["headers"]:
            name, value = raw_name.decode().lower(), raw_value.decode()
            headers[name] = value
            if name == "set-cookie":
                self._keep(value)
        return Answer(answered[0]["status"], headers, b"".join(chunks).decode())

    def _keep(self, header: str) -> None:
        for name, morsel in SimpleCookie(header).items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value


@dataclass
class Shop:
    """The shop of a test: its house, provider, application, and the ids of its variants by SKU."""

    db: Database
    house: House
    provider: Provider
    app: Any
    variants: Mapping[str, str]

    def browser(self) -> Browser:
        return Browser(self.app)

    def orders(self) -> list[Any]:
        with self.db.read() as tx:
            return list(tx.rows(select(sales_order).order_by(sales_order.c.number)))

    def link(self, order: Any, life_ago: int = 0) -> str:
        """The path of an order's page; `life_ago` makes a link that was signed so long ago."""
        return self.house.services.order_link(order.id, order.number, self.db.clock.now() - life_ago).removeprefix(
            ORIGIN
        )


GOODS = (
    ("pine-mug", "Pine mug", (("MUG-PINE", "Pine", 1890, 20), ("MUG-CLAY", "Clay", 1990, 0))),
    ("oak-board", "Oak board", (("BOARD", "", 2590, 3),)),
    ("linen-towel", "Linen towel", (("TOWEL", "", 1200, 0),)),
)


def open_shop(db: Database, media_folder: Path) -> Shop:
    """A shop with three products, a code of 10 % from 30.00 on, and pages; sold-out things included."""
    with db.begin(actor="init") as tx:
        profile.save(tx, {"name": "Fern & Kettle", "base_country": "DE", "public_url": ORIGIN})
        groundwork.lay(tx)
        pages.put(
            tx, [pages.PageDraft("terms", "Terms", "Fair **terms**."), pages.PageDraft("returns", "Returns", "-")]
        )
        shelf = categories.create(tx, [CategoryDraft("table", "Table", "For the table.")])[0]
        drafts = [
            ProductDraft(
                slug,
                title,
                shelf,
                tuple(VariantDraft(sku, price, label, weight_g=400) for sku, label, price, _ in variants),
                summary=f"A good {title.lower()}.",
                description="Made to last.",
                status="active",
            )
            for slug, title, variants in GOODS
        ]
        made = products.create(tx, drafts)
        ids = {
            variant[0]: variant_id
            for (_, _, variants), created in zip(GOODS, made, strict=True)
            for variant, variant_id in zip(variants, created.variant_ids, strict=True)
        }
        stock = {sku: count for _, _, variants in GOODS for sku, _, _, count in variants}
        bin_id = tx.scalar(select(location.c.id).where(location.c.kind == "bin").order_by(location.c.walk_sequence))
        lines = [ReceiveLine(ids[sku], count, 700, bin_id) for sku, count in stock.items() if count]
        receive.receive(tx, lines, warehouses(tx)[0].id, "opening", "opening stock")
        coupons.create_codes(tx, [coupons.NewCode("WELCOME", 1000, 3000)])
        secret = link_secret(tx)
    provider = Provider(db.clock.now)
    services = Services(db, {"memory": provider}, "memory", DemoMailer(), {}, secret, ORIGIN)
    house = houses.build(services, name="web", rng=random.Random(1), media_folder=media_folder)
    house.placing.start()
    renderer = Renderer(ASSETS, Formats(db.clock.now, timezone="Europe/Berlin"), {"store": storefront.TEMPLATES})
    routes, door = storefront.build(house, renderer, csrf_key=b"k" * 32, public_origin=ORIGIN)
    app = assemble(routes, [("", door)], Walls(HostPolicy(ORIGIN), form_action=("http://localhost:9000",)))
    return Shop(db, house, provider, app, ids)


ADDRESS = {
    "email": "juniper@example.com",
    "name": "Juniper Applewhite",
    "line1": "Lindengasse 4",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "delivery": "standard-home",
}
