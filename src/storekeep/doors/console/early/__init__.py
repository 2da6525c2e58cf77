"""Selling before goods are here: the orders that wait, a variant's limit or pre-order, and what runs low."""

from storekeep.doors.console.early.handler import routes

__all__ = ["routes"]
