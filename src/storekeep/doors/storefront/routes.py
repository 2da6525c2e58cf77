"""Puts the storefront together: its door, and every address it answers."""

from pathlib import Path

from starlette.routing import BaseRoute

from storekeep.doors.storefront import technical
from storekeep.doors.storefront.cart import handler as cart
from storekeep.doors.storefront.category import handler as category
from storekeep.doors.storefront.checkout import handler as checkout
from storekeep.doors.storefront.contact import handler as contact
from storekeep.doors.storefront.content import handler as content
from storekeep.doors.storefront.conversation import handler as conversation
from storekeep.doors.storefront.find_order import handler as find_order
from storekeep.doors.storefront.front import Front
from storekeep.doors.storefront.home import handler as home
from storekeep.doors.storefront.order import handler as order
from storekeep.doors.storefront.product import handler as product
from storekeep.doors.storefront.search import handler as search
from storekeep.doors.storefront.tell_me import handler as tell_me
from storekeep.doors.storefront.withdraw import handler as withdraw
from storekeep.doors.web import Door, PageCache, Renderer
from storekeep.flows.house import House

#: The renderer must know this folder under the prefix `store`.
TEMPLATES = Path(__file__).parent
_PAGES = (home, category, search, product, cart, checkout, find_order, order, conversation, contact, content, withdraw,
          tell_me)  # fmt: skip


def build(
    shop: House, renderer: Renderer, *, csrf_key: bytes, public_origin: str, more_origins: tuple[str, ...] = ()
) -> tuple[list[BaseRoute], Door]:
    """The storefront's routes and its door, to be assembled with static and media routes.

    `renderer` must map the prefix `store` to `TEMPLATES`; `csrf_key` is a secret of at least 32 bytes;
    `public_origin` is the shop's public address without a slash at its end.
    """
    front = Front(shop)
    door = Door(
        name="store",
        shop=shop,
        renderer=renderer,
        csrf_key=csrf_key,
        public_origin=public_origin,
        shell=front.shell,
        cache=PageCache(),
        more_origins=more_origins,
    )
    routes = [one for pages in _PAGES for one in pages.routes(door, front)]
    return [*technical.routes(door, front), *routes], door
