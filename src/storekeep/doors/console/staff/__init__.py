"""Staff: who works here, in which role, up to which refund; and everybody's own password."""

from storekeep.doors.console.staff.handler import routes

__all__ = ["routes"]
