"""A whole shop as processes that can be shot: server, worker and a warehouse hand in one process group."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from storekeep.doors.cli.bench import seeding
from storekeep.doors.cli.bench.seeding import ReadyCart
from storekeep.doors.cli.running import SANDBOX
from storekeep.kernel import settings
from storekeep.kernel.db import Database
from storekeep.world.sandbox.serve import Sandbox, free_port

PROGRAM = [sys.executable, "-c", "from storekeep.doors.cli.main import main; main()"]
HAND = Path(__file__).with_name("hand.py")
START_S = 60


def command(*arguments: str, timeout_s: int = 60) -> "subprocess.CompletedProcess[str]":
    """Run `storekeep` to its end."""
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, timeout=timeout_s, check=False)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Processes:
    """Programs in one process group; `kill` is SIGKILL to all of them at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []
        self.log = folder / "processes.log"

    def start(self, *commands: list[str]) -> None:
        for one in commands:
            group = os.getpgid(self._running[0].pid) if self._running else 0
            environment = {**os.environ, "STOREKEEP_DATA": str(self._folder)}
            with self.log.open("ab") as log:
                self._running.append(
                    subprocess.Popen(one, stdout=log, stderr=log, env=environment, process_group=group)
                )

    def wait_for(self, port: int) -> None:
        deadline = time.monotonic() + START_S
        while not listens(port):
            dead = [one.args for one in self._running if one.poll() is not None]
            if dead or time.monotonic() > deadline:
                raise AssertionError(f"{dead or 'the server'} did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.02)

    def kill(self) -> None:
        if self._running:
            os.killpg(os.getpgid(self._running[0].pid), signal.SIGKILL)
        for one in self._running:
            one.wait()
        self._running = []


class Town:
    """A shop with its payment provider. The provider and the shoppers live on when the shop is shot."""

    def __init__(self, url: str, folder: Path, skus: int = 30) -> None:
        self.url, self.folder = url, folder
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.db = Database(url)
        self.variants = seeding.open_shop(self.db, skus, self.origin)
        self.provider = Sandbox(
            folder / "sandbox.db",
            secret_key="sk_test_town",
            webhook_url=f"{self.origin}/webhooks/stripe",
            webhook_secret="whsec_town",
        ).start()
        keys = {"secret_key": "sk_test_town", "webhook_secret": "whsec_town", "base_url": self.provider.api_url}
        with self.db.begin(actor="init") as tx:
            settings.write(tx, SANDBOX, {**keys, "pages": self.provider.public_url})
        self.processes = Processes(folder)

    def carts(self, count: int) -> list[ReadyCart]:
        return seeding.fill_carts(self.db, self.variants, count, hot=False)

    def open(self) -> None:
        """Start server, worker and hand, and wait until the door is open."""
        self.processes.start(
            [*PROGRAM, "serve", "--db", self.url, "--port", str(self.port), "--no-worker"],
            [*PROGRAM, "worker", "--db", self.url],
            [sys.executable, str(HAND), self.url],
        )
        self.processes.wait_for(self.port)

    def close(self) -> None:
        self.processes.kill()
        self.provider.stop()
        self.db.close()
