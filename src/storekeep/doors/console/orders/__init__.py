"""Orders: the list, its file, one order with everything on it, and what can be done to it."""

from storekeep.doors.console.orders.handler import routes

__all__ = ["routes"]
