"""What to buy again: variants at or below their reorder point, with a suggested quantity and a file of it."""

from storekeep.doors.console.reorder.handler import routes

__all__ = ["routes"]
