"""Group commit for commands of one kind: whoever has gathered while the last batch was written shares the next one.

Each caller is answered after the commit that holds its effect. A batch that raises is tried again one by one, so that
a poisoned command fails alone.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from storekeep.kernel.db import Database, Tx

log = logging.getLogger("storekeep.writer")

C = TypeVar("C")
R = TypeVar("R")


class Writer(Generic[C, R]):
    """Queues commands and runs them in shared transactions.

    `run(tx, commands)` must return one result per command, in order. `key(command)` names the command: two of the
    same key in one batch run once and share the answer; across batches `run` itself must be idempotent.
    """

    def __init__(
        self,
        db: Database,
        run: Callable[[Tx, Sequence[C]], Sequence[R]],
        key: Callable[[C], str],
        *,
        actor: str = "shopper",
        limit: int = 64,
    ) -> None:
        self._db, self._run, self._key, self._actor, self._limit = db, run, key, actor, limit
        self._waiting: deque[tuple[C, Future[R]]] = deque()
        self._arrived = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self.batch_sizes: deque[int] = deque(maxlen=10_000)

    @property
    def is_driven(self) -> bool:
        """Whether a thread runs the batches; otherwise whoever waits calls `step`."""
        return self._thread is not None

    def submit(self, command: C) -> "Future[R]":
        """Queue a command; the future is answered after its transaction is durable."""
        future: Future[R] = Future()
        with self._arrived:
            if self._stopping:
                raise RuntimeError("the writer is stopping")
            self._waiting.append((command, future))
            self._arrived.notify()
        return future

    def step(self, count: int | None = None) -> int:
        """Run one batch of up to `count` waiting commands; returns how many. The simulation's driver."""
        with self._arrived:
            batch = [self._waiting.popleft() for _ in range(min(count or self._limit, len(self._waiting)))]
        if batch:
            self._write(batch)
        return len(batch)

    def start(self) -> None:
        """Start the thread that drives the writer in servers."""
        self._thread = threading.Thread(target=self._drive, name="writer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is waiting, then end the thread."""
        with self._arrived:
            self._stopping = True
            self._arrived.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _drive(self) -> None:
        while True:
            with self._arrived:
                while not self._waiting and not self._stopping:
                    self._arrived.wait()
                if not self._waiting:
                    return
            self.step()

    def _write(self, batch: list[tuple[C, "Future[R]"]]) -> None:
        self.batch_sizes.append(len(batch))
        callers: dict[str, list[Future[R]]] = {}
        commands: dict[str, C] = {}
        for command, future in batch:
            name = self._key(command)
            callers.setdefault(name, []).append(future)
            commands.setdefault(name, command)
        try:
            answers: Sequence[Any] = self._transaction(list(commands.values()))
        except Exception:
            if len(commands) > 1:
                log.warning("a batch of %s failed; its commands are tried one by one", len(commands), exc_info=True)
            answers = [self._alone(command) for command in commands.values()]
        for futures, answer in zip(callers.values(), answers, strict=True):
            for future in futures:
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

    def _transaction(self, commands: list[C]) -> Sequence[R]:
        with self._db.begin(actor=self._actor) as tx:
            answers = self._run(tx, commands)
            if len(answers) != len(commands):
                raise AssertionError("the batch must answer every command")
        return answers

    def _alone(self, command: C) -> Any:
        try:
            return self._transaction([command])[0]
        except Exception as failure:
            return failure
