"""Goods in: find or scan a SKU, count what arrived, and bring it from receiving to its bin."""

from storekeep.doors.console.receive.handler import routes

__all__ = ["routes"]
