"""The application that granian serves: every door in one, with the worker, the writer and the demo world beside it."""

import contextlib
import hashlib
import os
import threading
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from storekeep.doors import storefront, webhooks
from storekeep.doors.cli import running
from storekeep.doors.cli.config import connect
from storekeep.doors.cli.serve_command import ServeLock
from storekeep.doors.console import routes as console
from storekeep.doors.web import Formats, Renderer, Walls, assemble, load_assets
from storekeep.doors.web.middleware import HostPolicy
from storekeep.doors.web.static import media_route, static_route
from storekeep.doors.worker import lanes
from storekeep.flows.house import House
from storekeep.kernel import settings
from storekeep.kernel.db import DatabaseUnusable
from storekeep.shop.site import profile
from storekeep.shop.site.profile import ShopProfile
from storekeep.world.simulator import living

#: Where Stripe hosts its payment pages.
STRIPE_PAGES = ("https://checkout.stripe.com",)
#: How long the demo world may take to end, in seconds.
WORLD_ENDS_S = 5
UPLOAD_LIMIT = 6 * 1024 * 1024


def create() -> ASGIApp:
    """Build the application from the environment that `storekeep serve` set up."""
    url = os.environ["STOREKEEP_DB"]
    db = connect(url)
    if db.path is not None:
        lock = ServeLock(db.path)
        if not lock.take():
            raise DatabaseUnusable(f"another `storekeep serve` already uses {db.path}")
        globals()["_held"] = lock
    house = running.house_of(db, url, name=f"serve-{os.getpid()}")
    with db.read() as tx:
        shop = profile.load(tx)
    stop = threading.Event()
    return _Life(doors_of(house, shop), house, stop)


def doors_of(house: House, shop: ShopProfile) -> ASGIApp:
    """All routes behind the walls, for one house."""
    origin = shop.public_url.rstrip("/")
    renderer = Renderer(
        load_assets(),
        Formats(house.db.clock.now, "en_GB", shop.timezone),
        {"store": storefront.TEMPLATES, "console": console.TEMPLATES},
    )
    key = hashlib.sha256(b"csrf" + house.services.link_secret.encode()).digest()
    store_routes, store_door = storefront.build(house, renderer, csrf_key=key, public_origin=origin)
    console_routes, console_door = console.build(house, renderer, csrf_key=key, public_origin=origin)
    host = urlsplit(origin)
    port = f":{host.port}" if host.port else ""
    others = frozenset({f"localhost{port}", f"127.0.0.1{port}"}) - {host.netloc}
    walls = Walls(
        HostPolicy(origin, redirected=others),
        form_action=payment_origins(house),
        body_limits={"/console/products": UPLOAD_LIMIT},
        https=host.scheme == "https",
    )
    routes = [
        static_route(renderer.assets),
        media_route(house.media_folder),
        *webhooks.routes(house),
        *store_routes,
        *console_routes,
    ]
    # Routes are tried in order: the button of the checkout comes first, for it is pressed most when it matters most.
    routes.sort(key=lambda route: getattr(route, "path", "") != "/checkout/place")
    return assemble(routes, [("", store_door), ("/console", console_door)], walls)


def payment_origins(house: House) -> tuple[str, ...]:
    """Where a payment form may lead: the origins of the providers' hosted pages."""
    with house.db.read() as tx:
        stored = settings.read(tx, running.SANDBOX) or {}
    return (stored["pages"],) if "pages" in stored else STRIPE_PAGES


def _trusted(house: House) -> str | None:
    """The certificate of a sandbox on the local network, which no public authority vouches for."""
    with house.db.read() as tx:
        return (settings.read(tx, running.SANDBOX) or {}).get("ca_file") or None


class _Life:
    """Starts what runs beside the pages when the server starts, and ends it when the server stops."""

    def __init__(self, app: ASGIApp, house: House, stop: threading.Event) -> None:
        self._app, self._house, self._stop = app, house, stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        async with self._running():
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    @contextlib.asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        self._house.placing.start()
        if os.environ.get("STOREKEEP_WITH_WORKER"):
            lanes.start(self._house, lanes.LANES, self._stop, housekeeping=True)
        pace = float(os.environ.get("STOREKEEP_PACE") or 0)  # lint: allow float: a speed, no money
        world = living.start(self._house, pace, self._stop, _trusted(self._house)) if pace > 0 else None
        try:
            yield
        finally:
            self._stop.set()
            if world is not None:
                world.join(WORLD_ENDS_S)  # somebody may be at the till just now
            self._house.placing.stop()
            self._house.db.close()
