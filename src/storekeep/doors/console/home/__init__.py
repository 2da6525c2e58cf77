"""Today: what waits for somebody, each number a door to its list; then what was sold."""

from storekeep.doors.console.home.handler import routes

__all__ = ["routes"]
