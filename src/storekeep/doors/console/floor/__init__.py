"""Statistics of the floor: what pickers and packers got done, what went wrong, and where goods were short."""

from storekeep.doors.console.floor.handler import routes

__all__ = ["routes"]
