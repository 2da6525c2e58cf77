"""Products: the list, making and changing them, their variants and prices, their pictures, and the categories."""

from starlette.routing import BaseRoute

from storekeep.doors.console.products import categories, handler, parts, pictures, variants
from storekeep.doors.web import Door


def routes(door: Door) -> list[BaseRoute]:
    """Fixed addresses first, so that no product id is read into them."""
    return [
        *categories.routes(door), *handler.routes(door), *variants.routes(door), *parts.routes(door),
        *pictures.routes(door),
    ]  # fmt: skip
