"""Picking: the work list by promised time, and the screen that leads from bin to bin."""

from storekeep.doors.console.pick.handler import routes

__all__ = ["routes"]
