"""Stock: the list, why each number is what it is, corrections, carrying, and the bins."""

from starlette.routing import BaseRoute

from storekeep.doors.console.stock import bins, change, handler, layout, lots
from storekeep.doors.web import Door


def routes(door: Door) -> list[BaseRoute]:
    """Fixed addresses first, so that no variant id is read into them."""
    return [*layout.routes(door), *bins.routes(door), *handler.routes(door), *change.routes(door), *lots.routes(door)]
