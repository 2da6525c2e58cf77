"""Conversations with customers, cases, and the remedies beside them."""

from storekeep.doors.console.conversations.handler import routes

__all__ = ["routes"]
