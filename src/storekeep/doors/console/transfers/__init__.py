"""Transfers between warehouses: the list, and one from its first line until every unit is accounted for."""

from starlette.routing import BaseRoute

from storekeep.doors.console.transfers import handler
from storekeep.doors.web import Door


def routes(door: Door) -> list[BaseRoute]:
    return handler.routes(door)
