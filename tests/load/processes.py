"""Programs of ours as processes that can be shot."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PROGRAM = [sys.executable, "-c", "from storekeep.doors.cli.main import main; main()"]
START_S = 120


def command(*arguments: str, timeout_s: int = 60) -> "subprocess.CompletedProcess[str]":
    """Run `storekeep` to its end."""
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, timeout=timeout_s, check=False)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def lasting_port() -> int:
    """A free port that nobody is given by chance while its server is dead: below those of outgoing connections."""
    listed = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first_of_others = int(listed.read_text().split()[0]) if listed.exists() else 32_768
    dice = random.SystemRandom()
    while True:
        port = dice.randrange(10_000, max(first_of_others, 11_000))
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


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


class Program:
    """One program with a process group and a log of its own, which may be shot and started again and again.

    `works(program)` says whether it does its work again. `recoveries` are the seconds from each start until it did;
    a start that was shot before it came so far has none and is counted in `shot_while_starting`.
    """

    def __init__(
        self,
        name: str,
        arguments: list[str],
        folder: Path,
        works: "Callable[[Program], bool]",
        environment: dict[str, str],
    ) -> None:
        self.name, self._arguments, self._works = name, arguments, works
        self._environment = {**os.environ, "STOREKEEP_DATA": str(folder), **environment}
        self.log = folder / f"{name}.log"
        self.log.touch()
        self._log_began = 0
        self._process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.is_at_work = False
        self.recoveries: list[float] = []
        self.shot_while_starting = 0

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def fell(self) -> bool:
        """Whether it ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def said(self, words: str) -> bool:
        """Whether it wrote these words since it was started."""
        with self.log.open("rb") as log:
            log.seek(self._log_began)
            return words.encode() in log.read()

    def start(self) -> None:
        self._log_began = self.log.stat().st_size
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._arguments, stdout=log, stderr=log, env=self._environment, start_new_session=True
            )
        self.started_at, self.is_at_work = time.monotonic(), False

    def look(self) -> bool:
        """Whether it is at work; the first time after a start is its recovery."""
        if not self.is_at_work and not self.fell and self._works(self):
            self.is_at_work = True
            self.recoveries.append(time.monotonic() - self.started_at)
        return self.is_at_work

    def kill(self) -> None:
        """SIGKILL to it and everything that it started."""
        if self._process is None:
            return
        if not self.is_at_work:
            self.shot_while_starting += 1
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._process = None

    def freeze(self) -> None:
        """Let time stand still for it."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self._process is not None
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return
