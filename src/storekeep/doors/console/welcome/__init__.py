"""First steps: what a new shop needs before its first order, with what is done already."""

from storekeep.doors.console.welcome.handler import routes

__all__ = ["routes"]
