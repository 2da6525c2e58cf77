"""The console: where owner, warehouse, agents and accountant do their day's work.

It shows and asks; every change is a flow. `build` makes the door; `frame` knows who is there and what they may do.
"""

from storekeep.doors.console.routes import TEMPLATES, build

__all__ = ["TEMPLATES", "build"]
