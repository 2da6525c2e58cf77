"""`storekeep serve` and `worker`: the processes of a running shop.

`serve` runs web, worker lanes and, in a demo, the demo world in one process behind one granian worker. On PostgreSQL it
may run several times, with more `worker` processes beside it; on SQLite a second `serve` on one file is refused.
"""

import fcntl
import os
import signal
import threading
from pathlib import Path
from types import FrameType

import click

from storekeep.doors.cli.config import BadOption, check_url, connect, db_option
from storekeep.doors.worker import lanes
from storekeep.kernel.db import Database, DatabaseUnusable


class ServeLock:
    """Held by the one server of an SQLite file for as long as it lives."""

    def __init__(self, path: Path) -> None:
        self._file = open(f"{path}-serve", "a")  # noqa: SIM115 - held for the process's life

    def take(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def release(self) -> None:
        self._file.close()


def refuse_second_server(db: Database) -> None:
    """Raise `DatabaseUnusable` when another server already serves this SQLite file."""
    if db.path is None:
        return
    lock = ServeLock(db.path)
    taken = lock.take()
    lock.release()
    if not taken:
        raise DatabaseUnusable(f"another `storekeep serve` already uses {db.path}; stop it first, or use PostgreSQL")


@click.command()
@db_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--no-worker", is_flag=True, help="serve pages only; run `storekeep worker` elsewhere")
@click.option("--pace", default=0.0, help="speed of the demo world; 0 leaves it off")
def serve(db_url: str, host: str, port: int, no_worker: bool, pace: float) -> None:
    """Open the shop: storefront, console, webhooks, and the worker beside them."""
    run_server(db_url, host, port, with_worker=not no_worker, pace=pace)


def run_server(
    db_url: str,
    host: str,
    port: int,
    *,
    with_worker: bool = True,
    pace: float = 0.0,
    certificate: tuple[Path, Path] | None = None,
) -> None:
    """Serve until stopped. Settings travel to the granian worker through the environment."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    db = connect(db_url)
    refuse_second_server(db)
    db.close()
    if host not in {"127.0.0.1", "localhost", "::1"} and certificate is None and not os.environ.get("STOREKEEP_PROXY"):
        raise BadOption("off this machine the shop needs https: set STOREKEEP_PROXY=1 behind a TLS proxy, or LAN=1")
    os.environ |= {
        "STOREKEEP_DB": check_url(db_url),
        "STOREKEEP_WITH_WORKER": "1" if with_worker else "",
        "STOREKEEP_PACE": str(pace),
    }
    Granian(
        "storekeep.doors.cli.app:create",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=1,
        blocking_threads=1,
        factory=True,
        websockets=False,
        log_level=LogLevels.warning,
        ssl_cert=certificate[0] if certificate else None,
        ssl_key=certificate[1] if certificate else None,
    ).serve()


@click.command()
@db_option
@click.option("--lane", "only", multiple=True, type=click.Choice(lanes.LANES), help="work only on this lane")
def worker(db_url: str, only: tuple[str, ...]) -> None:
    """Empty the queues: payments, labels, mails, scans, and the shop's housekeeping."""
    from storekeep.doors.cli import running

    db = connect(db_url)
    house = running.house_of(db, db_url, name=f"worker-{os.getpid()}")
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_stop)
    group = lanes.start(house, only or lanes.LANES, stop, housekeeping=not only or "default" in only)
    click.echo("The worker is running.")
    stop.wait()
    for thread in group:
        thread.join(timeout=30)
    db.close()
