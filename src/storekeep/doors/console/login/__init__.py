"""Logging in and out."""

from storekeep.doors.console.login.handler import routes

__all__ = ["routes"]
