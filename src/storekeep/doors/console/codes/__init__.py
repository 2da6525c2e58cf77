"""Discount codes: the list, a new one, switching off and on, and the orders that used each."""

from storekeep.doors.console.codes.handler import routes

__all__ = ["routes"]
