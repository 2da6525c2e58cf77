"""Puts the console together: every page folder's routes behind one door."""

from importlib import import_module
from pathlib import Path

from starlette.routing import BaseRoute

from storekeep.doors.console import frame
from storekeep.doors.web import Door, PageCache, Renderer
from storekeep.flows.house import House

#: Where the console's templates stand, under the name "console" in the renderer's folders.
TEMPLATES = Path(__file__).parent

#: The page folders. Each has `routes(door) -> list[BaseRoute]` in its package.
PAGES = (
    # the office
    "login",
    "home",
    "orders",
    "conversations",
    "customers",
    "payments",
    "ledger",
    "mail",
    "queues",
    # warehouse, catalogue, settings
    "pick",
    "batches",
    "pack",
    "dispatch",
    "floor",
    "receive",
    "returns",
    "early",
    "stock",
    "counts",
    "transfers",
    "reorder",
    "restock",
    "purchases",
    "deliveries",
    "suppliers",
    "bills",
    "landed",
    "value",
    "products",
    "codes",
    "settings",
    "staff",
    "welcome",
)


def build(
    shop: House, renderer: Renderer, *, csrf_key: bytes, public_origin: str, more_origins: tuple[str, ...] = ()
) -> tuple[list[BaseRoute], Door]:
    """The console's routes and its door. `renderer` must know the folder `TEMPLATES` under the name "console"."""
    door = Door(
        name="console",
        shop=shop,
        renderer=renderer,
        csrf_key=csrf_key,
        public_origin=public_origin,
        shell=frame.shell,
        cache=PageCache(),
        home=frame.HOME_URL,
        more_origins=more_origins,
    )
    routes: list[BaseRoute] = []
    for name in PAGES:
        routes += import_module(f"storekeep.doors.console.{name}").routes(door)
    return routes, door
