"""The command line: `storekeep demo, init, serve, worker, verify, replay, bench, sandbox, user`."""

from storekeep.doors.cli.main import main

__all__ = ["main"]
