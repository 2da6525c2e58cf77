"""Purchase orders: written from a list, approved, sent, confirmed, changed and ended."""

from storekeep.doors.console.purchases.handler import routes

__all__ = ["routes"]
