"""Settings: the shop's profile, delivery, countries with their taxes, warehouses, written pages, the demo world."""

from starlette.routing import BaseRoute

from storekeep.doors.console.settings import countries, delivery, pages, profile, warehouses
from storekeep.doors.web import Door


def routes(door: Door) -> list[BaseRoute]:
    """One tab each."""
    tabs = (profile, delivery, countries, warehouses, pages)
    return [each for tab in tabs for each in tab.routes(door)]
