"""The money ledger: trial balance, one account, one entry."""

from storekeep.doors.console.ledger.handler import routes

__all__ = ["routes"]
