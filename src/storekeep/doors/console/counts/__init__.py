"""Counting: the board, the screen of the hand that counts, the decisions, and the rules."""

from starlette.routing import BaseRoute

from storekeep.doors.console.counts import board, deciding, hand
from storekeep.doors.web import Door


def routes(door: Door) -> list[BaseRoute]:
    """Fixed addresses first, so that no task id is read into them."""
    return [*board.routes(door), *deciding.routes(door), *hand.routes(door)]
