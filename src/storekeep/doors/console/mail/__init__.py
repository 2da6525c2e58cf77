"""Every mail the shop wrote; read it or send it again."""

from storekeep.doors.console.mail.handler import routes

__all__ = ["routes"]
