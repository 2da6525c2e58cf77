"""Batches: what could be picked together, what is on the floor, and the screen that leads a cart from bin to bin."""

from storekeep.doors.console.batches.handler import routes

__all__ = ["routes"]
