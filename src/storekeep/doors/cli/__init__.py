"""The command line: `storekeep demo, init, serve, worker, verify, replay, bench, sandbox, user`."""
