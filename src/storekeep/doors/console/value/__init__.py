"""The value of stock: what the goods are worth, and the cost layers behind it."""

from storekeep.doors.console.value.handler import routes

__all__ = ["routes"]
