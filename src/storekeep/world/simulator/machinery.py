"""Our side of the play: the web server and two workers, their ports, and everything that goes wrong inside them."""

import logging
import random
import sqlite3
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from storekeep.flows import house as houses
from storekeep.flows.chores import Housekeeper
from storekeep.flows.house import House
from storekeep.flows.services import Services
from storekeep.kernel.clock import DAY, HOUR, MINUTE, SECOND, Instant
from storekeep.kernel.db import Database, Tx
from storekeep.kernel.errors import StorekeepError
from storekeep.kernel.queue import LEASE, Job, Outcome
from storekeep.kernel.worker import BatchHandler, Handler, Worker
from storekeep.world.simulator.play import FAILURES, Broken, Life, Play
from storekeep.world.simulator.programs import Down, Killed, PlayedDatabase, Ports, Program
from storekeep.world.simulator.schedule import in_a_life

WORKERS = ("worker-1", "worker-2")
PROGRAMS = ("web", *WORKERS)
#: How long a program is away after it died.
REBOOT = (5, 90)
#: Leases begin a little before the work does
SLACK: Instant = 5 * SECOND
#: Idle workers look again after this time at the latest.
IDLE: Instant = HOUR
#: How soon a worker notices new work
NOTICE: Instant = 3 * MINUTE
JOBS = 200
#: How often the housekeeper looks: on the hour, so that the nightly examination comes right after it
CHORES_EVERY: Instant = HOUR
#: What the statements begin with that give the workers something to do
NEW_WORK = tuple(f"INSERT INTO {name}" for name in ("outbox", "inbox", '"outbox"', '"inbox"'))
SQLITE_FULL, SQLITE_IOERR = 13, 10
#: When the life that runs began to claim the jobs that it does
_claiming_since: ContextVar[Instant] = ContextVar("claiming_since")
NO_LIMIT = 2**30


@dataclass(slots=True)
class Hazards:
    """The dice of what goes wrong inside us, apart from everybody else's, and what is armed now."""

    play: Play
    rng: random.Random = field(init=False)
    #: Fail the statement after so many more; None when nothing is armed
    fuse: int | None = None
    #: Looks at each transaction before it is committed
    watch: Callable[[Tx], None] | None = None

    def __post_init__(self) -> None:
        self.rng = random.Random(f"{self.play.seed}:hazards")  # noqa: S311 - a game, no secret

    def strikes(self, chance: float) -> bool:
        return chance > 0 and self.rng.random() < chance


class ProgramPorts:
    """The ports of one life of one program: others get their turn here, and here it dies or fails."""

    def __init__(self, hazards: Hazards, program: Program) -> None:
        self._hazards, self._program, self._generation = hazards, program, program.generation
        self._makes_work = False

    def before(self, what: str) -> None:
        play, hazards = self._hazards.play, self._hazards
        self._may_die(f"before {what}")
        if in_a_life():
            if what != "transaction" and hazards.strikes(play.trouble.slow_call):
                play.note("fault: slow call")
                play.schedule.sleep(hazards.rng.randint(1, 45) * SECOND)
            else:
                play.schedule.give_way()
        self._alive()
        if what == "transaction" and hazards.strikes(play.trouble.statement_fails):
            hazards.fuse = hazards.rng.randint(1, 25)

    def within(self, what: str) -> None:
        self._may_die(f"before {what}")

    def after(self, what: str) -> None:
        self._hazards.fuse = None
        self._may_die(f"after {what}")
        if in_a_life():
            self._hazards.play.schedule.give_way()
        self._alive()

    def statement(self, sql: str) -> None:
        hazards = self._hazards
        if sql.startswith(('INSERT INTO "outbox"', 'INSERT INTO "inbox"', "INSERT INTO outbox", "INSERT INTO inbox")):
            self._makes_work = True
        if hazards.fuse is None:
            return
        hazards.fuse -= 1
        if hazards.fuse <= 0:
            hazards.fuse = None
            hazards.play.note("fault: statement failed")
            raise failure(sql, hazards.rng.choice((SQLITE_FULL, SQLITE_IOERR, 0)))

    def written(self, tx: Tx) -> None:
        self._hazards.fuse = None
        if self._makes_work:
            self._makes_work = False
            self._hazards.play.bell.ring(NOTICE)
        if self._hazards.watch is not None:
            self._hazards.watch(tx)

    def _alive(self) -> None:
        if self._program.generation != self._generation:
            raise Killed(self._program.name)

    def _may_die(self, where: str) -> None:
        self._alive()
        hazards = self._hazards
        if hazards.strikes(hazards.play.trouble.killed):
            hazards.fuse = None
            hazards.play.note(f"fault: killed {where}")
            self._program.kill(hazards.rng.randint(*REBOOT) * SECOND)
            raise Killed(self._program.name)


def failure(sql: str, code: int) -> OperationalError:
    """What the driver says when a statement fails; `code` is SQLite's, 0 for something that it gives no code."""
    cause = sqlite3.OperationalError("this statement was made to fail")
    if code:
        cause.sqlite_errorcode = code
    return OperationalError(sql, None, cause)


def open_programs(play: Play, hazards: Hazards, base: Database, services: Any, media_folder: Path) -> None:
    """Name our programs. `services(ports, db)` gives the ports to the outside as one program sees them."""

    def boot(program: Program) -> House:
        ports: Ports = ProgramPorts(hazards, program)
        db = PlayedDatabase(base, ports, program.clock)
        dice = random.Random(f"{play.seed}:{program.name}:{program.generation}")  # noqa: S311
        name = f"{program.name}.{program.generation}"
        known: Services = replace(services(ports), db=db)
        built = houses.build(known, name=name, rng=dice, media_folder=media_folder)
        _watch_leases(play, program, built.worker)
        return built

    for name in PROGRAMS:
        play.programs[name] = Program(name, base.clock, boot)


def _watch_leases(play: Play, program: Program, worker: Worker) -> None:
    """Two living programs may never do one job at the same time: that is what leases are for."""
    generation = program.generation

    def claiming(take: Callable[..., Any], *what: Any, **how: Any) -> Any:
        _claiming_since.set(play.now)
        return take(*what, **how)

    def begin(jobs: Sequence[Job]) -> None:
        if program.clock.skew:
            return  # by a wrong clock every lease looks over, or endless
        until = _claiming_since.get() + LEASE - SLACK
        for job in jobs:
            other = play.under_way.get(job.id)
            if other is not None and other[0] is not program:
                holder, life_of, theirs = other
                if holder.generation == life_of and play.now < theirs:
                    raise Broken("lease", f"{program.name} does a job ({job.kind}) that {holder.name} is doing")
            play.under_way[job.id] = (program, generation, until)

    def end(jobs: Sequence[Job]) -> None:
        for job in jobs:
            play.under_way.pop(job.id, None)

    def one(handle: Handler, job: Job) -> Outcome:
        begin([job])
        try:
            return handle(job)
        finally:
            end([job])

    def many(handle: BatchHandler, jobs: Sequence[Job]) -> Sequence[Outcome]:
        begin(jobs)
        try:
            return handle(jobs)
        finally:
            end(jobs)

    for take in ("step", "run_keys"):
        setattr(worker, take, partial(claiming, getattr(worker, take)))
    worker.handlers = {kind: partial(one, handle) for kind, handle in worker.handlers.items()}
    worker.batches = {kind: partial(many, handle) for kind, handle in worker.batches.items()}


def work(life: Life) -> None:
    """A worker process: it empties the queues, rests until there may be more, and starts again when it was killed."""
    program = life.play.programs[life.name]
    while True:
        try:
            house = program.enter()
            while house.worker.step(limit=JOBS) >= JOBS:
                pass  # what comes meanwhile rings the bell
            pause = _until_due(house, life.now)
        except (Killed, Down):
            pause = max(SECOND, program.down_until - life.now)
            life.sleep(pause)
            continue
        except FAILURES as trouble:
            life.note(f"workers told of a failure: {type(trouble).__name__}")
            pause = 2 * SECOND
        except Exception as stumble:
            life.play.stumbled(life.name, stumble)
            pause = 2 * SECOND
        life.play.bell.wait(pause)


_SOONEST = """SELECT
    (SELECT min(due_at) FROM inbox WHERE status = 'due'),
    (SELECT min(leased_until) FROM inbox WHERE status = 'running'),
    (SELECT min(due_at) FROM outbox WHERE status = 'due'),
    (SELECT min(leased_until) FROM outbox WHERE status = 'running')
"""


def _until_due(house: House, now: Instant) -> Instant:
    """How long until the next job is due or somebody's lease runs out, at most `IDLE`."""
    with house.db.read() as tx:
        row = tx.sql(_SOONEST)[0]
    soonest = min([at for at in row if at is not None], default=now + IDLE)
    soonest = min(soonest, now + IDLE)
    return max(SECOND, soonest - now + SECOND)


def keep(life: Life) -> None:
    """The housekeeper, who lives in the first worker."""
    program, keeper, generation = life.play.programs[WORKERS[0]], None, 0
    while True:
        pause = CHORES_EVERY - life.now % CHORES_EVERY
        try:
            house = program.enter()
            if keeper is None or generation != program.generation:
                keeper, generation = Housekeeper(house.db), program.generation
            keeper.step()
        except (Killed, Down):
            keeper, pause = None, MINUTE
        except FAILURES as trouble:
            life.note(f"the housekeeper was told of a failure: {type(trouble).__name__}")
            pause = MINUTE
        except Exception as stumble:
            life.play.stumbled(life.name, stumble)
        life.sleep(pause)


def fill_disk(life: Life, base: Database) -> None:
    """Some nights the disk runs full for an hour; then somebody makes room."""
    while True:
        life.sleep(DAY)
        if not life.chance(life.play.trouble.disk_full_days) or base.dialect != "sqlite":
            continue
        life.sleep(life.rng.randint(1, 23 * 60) * MINUTE)
        life.note("fault: disk full")
        limit_pages(base, None)
        life.sleep(life.rng.randint(5, 60) * MINUTE)
        limit_pages(base, NO_LIMIT)


def limit_pages(base: Database, pages: int | None) -> None:
    """Let an SQLite file grow to so many pages, or (None) no further than it is."""
    with base.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        cursor = raw.cursor()
        limit = cursor.execute("PRAGMA page_count").fetchone()[0] if pages is None else pages
        cursor.execute(f"PRAGMA max_page_count = {limit}")


def turn_clocks(life: Life) -> None:
    """Now and then the clock of one program is wrong by up to an hour, for a while."""
    while True:
        life.sleep(DAY)
        if life.chance(life.play.trouble.clock_jump_days):
            program = life.play.programs[life.rng.choice(PROGRAMS)]
            life.note("fault: clock wrong")
            program.clock.skew = life.rng.choice((-1, 1)) * life.rng.randint(1, 60) * MINUTE
            life.sleep(life.rng.randint(10, 180) * MINUTE)
            program.clock.skew = 0


class Eavesdropper(logging.Handler):
    """Hears what workers log: an exception that no rule foresees ends a proof even when the worker lived through it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        errors = [record.exc_info[1]] if record.exc_info else []
        errors += [each for each in (record.args or ()) if isinstance(each, BaseException)]
        for error in errors:
            if error is not None and not isinstance(error, (*FAILURES, StorekeepError)):
                text = f"{type(error).__name__}: {error} ({record.getMessage()})"
                raise Broken("unhandled", text) from error
