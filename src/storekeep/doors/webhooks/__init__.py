"""What the outside tells us: checked over the raw bytes, stored raw, answered at once, worked on after."""

from storekeep.doors.webhooks.routes import routes

__all__ = ["routes"]
