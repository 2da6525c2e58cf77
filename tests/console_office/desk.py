"""A console at hand: staff of each role, a browser without a screen, and a shop in which something has happened."""

import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import make
from sqlalchemy import select
from starlette.routing import Route

from storekeep.doors import console
from storekeep.doors.web import Formats, HostPolicy, Renderer, Walls, assemble, load_assets
from storekeep.doors.web.static import static_route
from storekeep.flows import dispatch, floor, reply
from storekeep.kernel.clock import DAY, VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.access import NewStaff, hash_password, sessions, staff
from storekeep.shop.orders.tables import order_line, sales_order

ORIGIN = "http://127.0.0.1:8000"
ASSETS = load_assets()
PASSWORD = "correct horse battery"
_hashes: dict[str, str] = {}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str
    body: bytes

    @property
    def token(self) -> str:
        found = re.search(r'name="_token" value="([^"]+)"', self.text)
        assert found, self.text[:2000]
        return found[1]

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found, f"no hidden field {name}"
        return found[1]


@dataclass
class Desk:
    """The console over one shop; each call is one request of one role."""

    app: Any
    made: make.Shop
    routes: list[Route]
    tokens: dict[str, str]
    ids: dict[str, str]
    placed: dict[str, Any] = field(default_factory=dict)

    @property
    def db(self) -> Database:
        return self.made.db

    def get(self, url: str, role: str | None = "owner", **headers: str) -> Answer:
        return self._ask("GET", url, role, headers, b"")

    def post(
        self, url: str, fields: dict[str, Any], role: str | None = "owner", *, token: str | None = "", **headers: str
    ) -> Answer:
        """A form of our own page, with a fresh token unless another one (or None) is given."""
        if token == "":
            token = self.get("/console/orders" if role != "nobody" else "/console/login", role).token
        sent = {**fields, **({} if token is None else {"_token": token})}
        body = urlencode(sent, doseq=True).encode()
        return self._ask("POST", url, role, {"sec-fetch-site": "same-origin", **headers}, body)

    def _ask(self, method: str, url: str, role: str | None, headers: dict[str, str], body: bytes) -> Answer:
        cookie = {"cookie": f"__Host-staff={self.tokens[role]}"} if role in self.tokens else {}
        return ask(self.app, method, url, {**cookie, **{k.replace("_", "-"): v for k, v in headers.items()}}, body)


def ask(app: Any, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
    import anyio

    path, _, query = url.partition("?")
    sent = {"host": "127.0.0.1:8000", **headers}
    if method == "POST":
        sent |= {"content-type": "application/x-www-form-urlencoded", "content-length": str(len(body))}
    scope = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "client": ("203.0.113.9", 1),
        "server": ("127.0.0.1", 8000), "headers": [(k.encode(), v.encode()) for k, v in sent.items()],
    }  # fmt: skip
    waiting, started, parts = [body], [], []

    async def receive() -> dict[str, Any]:
        if not waiting:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": waiting.pop(0), "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
        else:
            parts.append(message.get("body", b""))

    async def run() -> None:
        await app(scope, receive, send)

    anyio.run(run)
    raw = b"".join(parts)
    kept = {name.decode().lower(): value.decode() for name, value in started[0]["headers"]}
    return Answer(started[0]["status"], kept, raw.decode("utf-8", "replace"), raw)


def hashed(password: str) -> str:
    return _hashes.setdefault(password, hash_password(password))


def open_desk(db: Database, clock: VirtualClock, folder: Path, *, empty: bool = False) -> Desk:
    """A shop (with goods unless `empty`) and one member of staff of each role, logged in."""
    made = make.shop(db, clock, folder, {} if empty else None)
    with db.begin(actor="system") as tx:
        people = [
            NewStaff("olga@example.com", "Olga Owner", "owner", hashed(PASSWORD)),
            NewStaff("wim@example.com", "Wim Ware", "warehouse", hashed(PASSWORD)),
            NewStaff("ada@example.com", "Ada Agent", "agent", hashed(PASSWORD), 2000),
            NewStaff("carl@example.com", "Carl Count", "accountant", hashed(PASSWORD)),
        ]
        ids = dict(zip(("owner", "warehouse", "agent", "accountant"), staff.create(tx, people), strict=True))
        tokens = {role: sessions.start(tx, each) for role, each in ids.items()}
    renderer = Renderer(ASSETS, Formats(clock.now, "en_GB", "Europe/Berlin"), {"console": console.TEMPLATES})
    routes, door = console.build(made.house, renderer, csrf_key=b"k" * 32, public_origin=ORIGIN)
    app = assemble([static_route(ASSETS), *routes], [("", door), ("/console", door)], Walls(HostPolicy(ORIGIN)))
    return Desk(app, made, routes, tokens, ids)


def send_off(desk: Desk, order_id: str) -> None:
    """The floor does its work: claim, pick, pack, buy the label, capture, hand over."""
    made, me = desk.made, f"staff:{desk.ids['warehouse']}"
    from storekeep.shop.fulfillment.queries import of_order, stops_of
    from storekeep.flows import packing

    with made.db.begin(actor=me) as tx:
        for work in of_order(tx, order_id):
            if work.status == "open":
                floor.claim(tx, [work.id], desk.ids["warehouse"])
    raise AssertionError((of_order, stops_of, packing, dispatch))
