"""Settings: the shop's profile, delivery, countries with their taxes, written pages, the demo world."""

from starlette.routing import BaseRoute

from storekeep.doors.console.settings import countries, delivery, pages, profile
from storekeep.doors.web import Door


def routes(door: Door) -> list[BaseRoute]:
    """One tab each."""
    return [*profile.routes(door), *delivery.routes(door), *countries.routes(door), *pages.routes(door)]
