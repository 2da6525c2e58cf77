"""Freight, duty and the like: what deliveries cost beside their goods."""

from storekeep.doors.console.landed.handler import routes

__all__ = ["routes"]
