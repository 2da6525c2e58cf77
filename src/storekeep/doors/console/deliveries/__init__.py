"""Deliveries: counted blind by scanner, compared with the order, decided on, booked in."""

from storekeep.doors.console.deliveries.handler import routes

__all__ = ["routes"]
