"""Customers, and the search box on top of every page."""

from storekeep.doors.console.customers.handler import routes

__all__ = ["routes"]
