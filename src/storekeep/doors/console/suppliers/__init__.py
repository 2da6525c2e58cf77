"""Suppliers: who sells us what on which terms, and how they keep their word."""

from storekeep.doors.console.suppliers.handler import routes

__all__ = ["routes"]
