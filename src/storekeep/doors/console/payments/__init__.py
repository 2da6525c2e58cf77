"""Payments, what the provider said of them, and refunds that need another try."""

from storekeep.doors.console.payments.handler import routes

__all__ = ["routes"]
