"""Outbox and inbox: what waits, what runs, what died and why."""

from storekeep.doors.console.queues.handler import routes

__all__ = ["routes"]
