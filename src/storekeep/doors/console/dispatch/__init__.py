"""Dispatch: parcels at the door by carrier, what holds the others up, and handing over."""

from storekeep.doors.console.dispatch.handler import routes

__all__ = ["routes"]
