"""The restock board: what to order from whom and why, the rules behind it, and the proof of them on the shop's past."""

from starlette.routing import BaseRoute

from storekeep.doors.console.restock import board, line, proof, rules
from storekeep.doors.web import Door


def routes(door: Door) -> list[BaseRoute]:
    """Board, rules and proof before the pages of single suggestions."""
    return [*board.routes(door), *rules.routes(door), *proof.routes(door), *line.routes(door)]


__all__ = ["routes"]
