"""Suppliers' invoices: written down, shown beside order and goods, matched or sent back."""

from storekeep.doors.console.bills.handler import routes

__all__ = ["routes"]
