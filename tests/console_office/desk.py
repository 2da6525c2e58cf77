"""A console at hand: staff of each role, a browser without a screen, and a shop in which something has happened."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from starlette.routing import Route

import make
from storekeep.doors import console
from storekeep.doors.web import Formats, HostPolicy, Renderer, Walls, assemble, load_assets
from storekeep.doors.web.static import static_route
from storekeep.flows import cancel, dispatch, floor, packing, reply
from storekeep.kernel import outbox, tables
from storekeep.kernel.clock import MINUTE, VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.access import NewStaff, hash_password, sessions, staff
from storekeep.shop.fulfillment import queries as works
from storekeep.shop.fulfillment import store as fulfillments
from storekeep.shop.orders.tables import order_line, sales_order
from storekeep.shop.support import cases, notes

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


def open_desk(db: Database, clock: VirtualClock, folder: Path) -> Desk:
    """A shop with goods and one member of staff of each role, logged in."""
    made = make.shop(db, clock, folder)
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
    """The floor does its work: claim, pick, pack, buy the label, take the money, hand over."""
    made, me = desk.made, f"staff:{desk.ids['warehouse']}"
    with made.db.read() as tx:
        work_id = works.of_order(tx, order_id)[0].id
        lines = fulfillments.lines_of(tx, [work_id])[work_id]
    with made.db.begin(actor=me) as tx:
        floor.claim(tx, desk.ids["warehouse"], [work_id])
    for n, line in enumerate(lines):
        with made.db.begin(actor=me) as tx:
            assert floor.scan(tx, work_id, line.sku, f"{work_id}:pick:{n}", line.qty).is_right
    for n, line in enumerate(lines):
        with made.db.begin(actor=me) as tx:
            assert packing.scan(tx, work_id, line.sku, f"{work_id}:pack:{n}", line.qty).is_right
    with made.db.begin(actor=me) as tx:
        packing.close(tx, work_id, None)
    made.work()
    with made.db.begin(actor=me) as tx:
        assert dispatch.ship(tx, [work_id], f"evening {work_id}")[0].is_done
    made.work()


def a_busy_day(desk: Desk, name: str = "1") -> Desk:
    """Orders in several statuses, a complaint with an answer and a note, a case, a refund, a dead message."""
    made = desk.made
    desk.placed["unpaid"] = make.order(made, {"MUG": 1})
    desk.placed["paid"] = make.order(made, {"MUG": 2, "TEA": 3}, paid=True)
    desk.placed["sent"] = make.order(made, {"BOWL": 2, "TEA": 1}, paid=True)
    send_off(desk, desk.placed["sent"].order_id)
    desk.placed["complaint"] = make.order(made, {"BOWL": 1, "MUG": 2}, paid=True)
    send_off(desk, desk.placed["complaint"].order_id)
    gone = desk.placed["canceled"] = make.order(made, {"TEA": 4}, paid=True)
    with made.db.begin(actor=f"staff:{desk.ids['agent']}") as tx:
        cancel.cancel_order(tx, gone.order_id, reason="changed mind", command_id=f"cancel-{name}")
    made.clock.sleep(20 * MINUTE)
    order = desk.placed["complaint"]
    line = lines_of(desk, order.order_id)[0]
    with made.db.begin(actor="shopper") as tx:
        heard = reply.report_problem(
            tx, order.order_id, {line.id: 1}, "damaged", "It came in two halves.", f"wrote-{name}"
        )
    desk.placed["talk"] = heard
    with made.db.begin(actor=f"staff:{desk.ids['agent']}") as tx:
        notes.write(tx, "Third bowl of this batch.", f"note-{name}", conversation_id=heard.conversation_id)
        case = cases.NewCase(f"silent:{name}", "not_arrived", "A parcel fell silent", desk.placed["sent"].order_id,
                             None, "mina3@example.com", "Mina Example")  # fmt: skip
        cases.open_cases(tx, [case])
        body = {"payment_id": "nothing"}
        outbox.send(tx, [outbox.Message("payment.observe", f"observe:nothing:{name}", body, "money")])
        table = tables.outbox
        dead = {"status": "dead", "last_error": "the provider did not answer", "attempt_count": 12}
        tx.run(table.update().where(table.c.key == f"observe:nothing:{name}").values(dead))
    made.work()
    return desk


def lines_of(desk: Desk, order_id: str) -> list[Any]:
    with desk.db.read() as tx:
        return list(
            tx.rows(select(order_line).where(order_line.c.order_id == order_id).order_by(order_line.c.position))
        )


def order_of(desk: Desk, name: str) -> Any:
    with desk.db.read() as tx:
        return tx.first(select(sales_order).where(sales_order.c.id == desk.placed[name].order_id))
