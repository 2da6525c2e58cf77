"""The loop that empties a queue: claim, call the handler outside any transaction, write the outcome.

The same function serves the worker process, a web request that waits for one answer, and the simulator.
"""

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table

from storekeep.kernel import queue, tables
from storekeep.kernel.db import Database
from storekeep.kernel.errors import StorekeepError

log = logging.getLogger("storekeep.worker")

Handler = Callable[[queue.Job], queue.Outcome]
#: Does several jobs of one kind, in fewer statements; answers in their order. It may raise: then each is done alone.
BatchHandler = Callable[[Sequence[queue.Job]], Sequence[queue.Outcome]]


class Worker:
    """Works off outbox and inbox with a map `kind -> handler`. `name` marks its leases.

    `batches` has faster handlers for many jobs of one kind. They are an addition, never the only way: when one fails,
    its jobs go to the handler of their kind one by one, so that a bad job harms no other.
    """

    def __init__(
        self,
        db: Database,
        handlers: Mapping[str, Handler],
        name: str,
        rng: random.Random,
        batches: Mapping[str, BatchHandler] | None = None,
    ) -> None:
        self.db, self.handlers, self.name, self.rng = db, handlers, name, rng
        self.batches = batches or {}

    def step(self, lanes: Sequence[str] | None = None, limit: int = 20) -> int:
        """Do one batch of each queue; returns how many jobs were touched, 0 when nothing is due."""
        with self.db.begin(actor=self.name) as tx:
            claimed = [
                (table, queue.claim(tx, table, self.name, lanes=lanes, limit=limit))
                for table in (tables.inbox, tables.outbox)
            ]
        self._work(claimed)
        return sum(len(jobs) for _table, jobs in claimed)

    def run_keys(self, keys: Sequence[str]) -> list[queue.Outcome]:
        """Do the outbox rows with these keys now, if nobody else has them."""
        with self.db.begin(actor=self.name) as tx:
            jobs = queue.claim_keys(tx, tables.outbox, self.name, keys)
        return self._work([(tables.outbox, jobs)])

    def drain(self, limit: int = 100_000) -> int:
        """Work until nothing is due any more, at most `limit` jobs; returns how many were done."""
        total = 0
        while total < limit and (done := self.step()):
            total += done
        return total

    def _work(self, claimed: Sequence[tuple[Table, list[queue.Job]]]) -> list[queue.Outcome]:
        """Do the claimed jobs of each queue, and write down what became of all of them together."""
        done = [(table, self._outcomes(jobs)) for table, jobs in claimed if jobs]
        if done:
            with self.db.begin(actor=self.name) as tx:
                for table, outcomes in done:
                    queue.finish(tx, table, self.name, outcomes, self.rng)
        return [outcome for _table, outcomes in done for _job, outcome in outcomes]

    def _outcomes(self, jobs: list[queue.Job]) -> list[tuple[queue.Job, queue.Outcome]]:
        by_kind: dict[str, list[queue.Job]] = {}
        for job in jobs:
            by_kind.setdefault(job.kind, []).append(job)
        done: dict[str, queue.Outcome] = {}
        for kind, own in by_kind.items():
            answers = self._together(kind, own)
            if answers is None:
                answers = [self._handle(job) for job in own]
            done |= {job.id: answer for job, answer in zip(own, answers, strict=True)}
        return [(job, done[job.id]) for job in jobs]

    def _together(self, kind: str, jobs: list[queue.Job]) -> Sequence[queue.Outcome] | None:
        """The outcomes of jobs done together; None when they must be done one by one."""
        handler = self.batches.get(kind)
        if handler is None or len(jobs) == 1:
            return None
        try:
            answers = handler(jobs)
        except Exception as failure:
            log.warning("%d jobs (%s) failed together and are done one by one: %s", len(jobs), kind, failure)
            return None
        if len(answers) != len(jobs):
            raise AssertionError(f"{len(answers)} outcomes for {len(jobs)} jobs of {kind}")
        return answers

    def _handle(self, job: queue.Job) -> queue.Outcome:
        handler = self.handlers.get(job.kind)
        if handler is None:
            return queue.Dead(f"nobody here knows what to do with {job.kind}")
        try:
            return handler(job)
        except StorekeepError as refusal:
            return queue.Again(f"{type(refusal).__name__}: {refusal}")
        except Exception as failure:
            log.exception("job %s (%s) failed", job.key, job.kind)
            return queue.Again(f"{type(failure).__name__}: {failure}")


def handlers_of(*maps: Mapping[str, Any]) -> dict[str, Handler]:
    """Join handler maps; two handlers for one kind are a mistake."""
    joined: dict[str, Handler] = {}
    for each in maps:
        for kind, handler in each.items():
            if kind in joined:
                raise ValueError(f"two handlers for {kind}")
            joined[kind] = handler
    return joined
