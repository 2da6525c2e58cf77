"""The returns desk: what is on its way back, what came, and what becomes of every unit."""

from storekeep.doors.console.returns.handler import routes

__all__ = ["routes"]
