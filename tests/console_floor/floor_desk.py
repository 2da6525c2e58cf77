"""The warehouse's console at hand: a shop with goods, staff of each role, a browser without a screen."""

import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import anyio

import make
from storekeep.doors.console import routes as console
from storekeep.doors.web import Formats, HostPolicy, Renderer, Walls, assemble, load_assets
from storekeep.doors.web.static import media_route, static_route
from storekeep.flows import house
from storekeep.flows.services import Services
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.access import sessions, staff
from storekeep.shop.access.passwords import hash_password
from storekeep.shop.notify.sender import DemoMailer
from storekeep.shop.payments.providers import MemoryProvider
from storekeep.shop.shipping.carriers.demo_cards import demo_carriers

ORIGIN = "http://127.0.0.1:8000"
ASSETS = load_assets()
PASSWORD = "four quiet herons on a wall"
HASH = hash_password(PASSWORD)
ROLES = ("owner", "warehouse", "agent", "accountant")


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def place(self) -> str:
        """Where a redirect leads."""
        return self.headers.get("location", "")

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found, f"no hidden field {name}"
        return found[1]


@dataclass
class Desk:
    """The console over one shop; each call is one request in one role."""

    app: Any
    shop: make.Shop
    sessions: dict[str, str]
    ids: dict[str, str]

    def get(self, url: str, role: str | None = "owner", **headers: str) -> Answer:
        return self.ask("GET", url, role, b"", headers)

    def post(
        self, url: str, fields: dict[str, Any] | None = None, role: str | None = "owner", **headers: str
    ) -> Answer:
        """A form of our own page with this session's token."""
        body = urlencode({"_token": self.token(role), **(fields or {})}, doseq=True).encode()
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self.ask("POST", url, role, body, {**kind, **headers})

    def upload(self, url: str, fields: dict[str, str], name: str, filename: str, data: bytes) -> Answer:
        parts = [
            f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in {"_token": self.token("owner"), **fields}.items()
        ]
        head = f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        parts.append(head.encode() + b"Content-Type: image/png\r\n\r\n" + data + b"\r\n--edge--\r\n")
        kind = {"content-type": "multipart/form-data; boundary=edge"}
        return self.ask("POST", url, "owner", b"".join(parts), kind)

    def scan(self, url: str, code: str, scan_id: str, role: str = "warehouse", **more: str) -> Answer:
        """A scan with script: the answer is the fragment."""
        fields = {"code": code, "scan_id": scan_id, **more}
        return self.post(url, fields, role, **{"hx-request": "true", "hx-request-type": "partial"})

    def token(self, role: str | None) -> str:
        return self.get("/console/staff/me", role).hidden("_token") if role else ""

    def ask(self, method: str, url: str, role: str | None, body: bytes, headers: dict[str, str]) -> Answer:
        parts = urlsplit(url)
        sent = {"host": "127.0.0.1:8000", "sec-fetch-site": "same-origin", **headers}
        if role:
            sent["cookie"] = f"__Host-staff={self.sessions[role]}"
        if method == "POST":
            sent["content-length"] = str(len(body))
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": parts.path,
            "raw_path": parts.path.encode(), "query_string": parts.query.encode(), "root_path": "",
            "client": ("203.0.113.9", 1), "server": ("127.0.0.1", 8000),
            "headers": [(key.encode(), value.encode()) for key, value in sent.items()],
        }  # fmt: skip
        waiting, started, found = [body], [], []

        async def receive() -> dict[str, Any]:
            if not waiting:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": waiting.pop(0), "more_body": False}

        async def send(message: Any) -> None:
            (started if message["type"] == "http.response.start" else found).append(message)

        async def run() -> None:
            await self.app(scope, receive, send)

        anyio.run(run)
        kept = {name.decode().lower(): value.decode() for name, value in started[0]["headers"]}
        return Answer(started[0]["status"], kept, b"".join(each.get("body", b"") for each in found))


def open_desk(shop: make.Shop) -> Desk:
    """One member of staff of each role, logged in."""
    with shop.db.begin(actor="system") as tx:
        people = [staff.NewStaff(f"{role}@example.com", f"{role.title()} Example", role, HASH, 2000) for role in ROLES]
        ids = dict(zip(ROLES, staff.create(tx, people), strict=True))
        tokens = {role: sessions.start(tx, each) for role, each in ids.items()}
    renderer = Renderer(ASSETS, Formats(shop.clock.now, "en_GB", "Europe/Berlin"), {"console": console.TEMPLATES})
    routes, door = console.build(shop.house, renderer, csrf_key=b"k" * 32, public_origin=ORIGIN)
    walls = Walls(HostPolicy(ORIGIN), body_limits={"/console/products": 5 * 1024 * 1024})
    served = [static_route(ASSETS), media_route(shop.house.media_folder), *routes]
    return Desk(assemble(served, [("/console", door)], walls), shop, tokens, ids)


def bare_shop(db: Database, clock: VirtualClock, folder: Path) -> make.Shop:
    """A shop on its first day: nothing is in it, not even a warehouse."""
    provider = MemoryProvider(clock.now, name="memory")
    services = Services(
        db=db, providers={"memory": provider}, provider="memory", mailer=DemoMailer(), carriers=demo_carriers(),
        link_secret="s" * 40, public_url=ORIGIN,
    )  # fmt: skip
    built = house.build(services, name="test", rng=random.Random(5), media_folder=folder)
    return make.Shop(built, provider, clock)
