"""The pack station: every picked unit is scanned into the box, the box is weighed and closed, its papers come out."""

from storekeep.doors.console.pack.handler import routes

__all__ = ["routes"]
