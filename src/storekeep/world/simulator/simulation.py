"""A whole run: an empty database becomes a shop, days pass with all that can go wrong, and the books are checked.

One seed is one run. The report, the hash over ledgers and statuses, and the first failing event can all be had again.
"""

import hashlib
import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from storekeep import migrations
from storekeep.flows import telling
from storekeep.kernel.clock import DAY, HOUR, Instant, VirtualClock, local, start_of_day
from storekeep.kernel.db import Database
from storekeep.kernel.ids import SeededIds
from storekeep.kernel.schema import metadata
from storekeep.world.simulator import machinery
from storekeep.world.simulator.beside import Beside
from storekeep.world.simulator.cast import (
    agents,
    costs,
    counters,
    doorstep,
    early,
    hands,
    leavers,
    lorries,
    lots,
    returns_desk,
    shoppers,
)
from storekeep.world.simulator.machinery import Hazards
from storekeep.world.simulator.market import FileDemand, Market
from storekeep.world.simulator.oracles import Examiner
from storekeep.world.simulator.play import Broken, Life, Play, Rhythm
from storekeep.world.simulator.schedule import Schedule
from storekeep.world.simulator.surroundings import Outside
from storekeep.world.simulator.trouble import Trouble, draw

#: The first day of a simulated year: 2028 has a leap day.
START = "2028-01-01"
#: Days without new visits and new trouble at the end, in which everything must come to its end.
QUIET_DAYS = 6
#: Runs of so many days or more verify in a process beside them.
LONG = 60

log = logging.getLogger("storekeep.world")


@dataclass(frozen=True, slots=True)
class Setting:
    """What a run is made of; the same setting is the same run."""

    days: int
    seed: int
    faults: str = "calm"
    #: Stop after this event and leave everything as it is
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Violation:
    """The first thing that went wrong with us: when, at which event, and who saw it."""

    at: Instant
    day: float
    event: int
    found_by: str
    text: str


@dataclass(slots=True)
class Run:
    """What a run left behind, for the report."""

    setting: Setting
    start: Instant
    end: Instant
    events: int
    tally: dict[str, int]
    checks: int
    hash: str = ""
    violation: Violation | None = None
    samples: list[dict[str, int]] = field(default_factory=list)


def simulate(
    db: Database,
    market: Market,
    setting: Setting,
    *,
    progress: Callable[[int], object] | None = None,
    rhythm: Rhythm | None = None,
    beside: bool | None = None,
) -> Run:
    """Play `setting` on a migrated, empty database with a `VirtualClock`. See `database` for how to open one.

    With `beside` a second process verifies meanwhile, which changes nothing but the time it takes; None: in long runs.

    Raises `NotEmpty` for a database with a shop in it, `UnknownProfile` for a fault profile that does not exist.
    """
    trouble = draw(setting.faults, random.Random(f"{setting.seed}:trouble"))  # noqa: S311
    schedule = Schedule(db.clock, random.Random(f"{setting.seed}:schedule"))  # noqa: S311
    play = Play(schedule, setting.seed, trouble, rhythm or Rhythm(timezone=market.timezone))
    hazards = Hazards(play)
    shelves = market.open(db)
    with db.begin(actor="simulator") as tx:
        secret = telling.link_secret(tx)
    outside = Outside(play, db, market, shelves, secret)
    machinery.open_programs(play, hazards, db, outside.services, Path())
    helper = Beside(db.url) if beside or (beside is None and setting.days >= LONG) else None
    examiner = Examiner(play, db, outside, helper)
    hazards.watch = examiner.watch
    _people(play, market, outside, examiner, db, progress)
    end = start_of_day(market.days[-1], market.timezone) + 25 * HOUR
    violation = None
    with _ears():
        try:
            schedule.run_until(end, last_turn=setting.until)
            if setting.until is None or schedule.turn < setting.until:
                _let_it_end(play, db)
                schedule.run_until(end + QUIET_DAYS * DAY, last_turn=setting.until)
            if setting.until is None:
                examiner.last_look()
                if isinstance(market, FileDemand) and setting.faults == "none":
                    examiner.compare(market)
            else:
                examiner.wait()
        except Broken as broken:
            at, turn = broken.when or (play.now, schedule.turn)
            violation = Violation(at, round((at - market.start) / DAY, 3), turn, broken.found_by, broken.text)
        finally:
            if helper is not None:
                helper.close()
    run = Run(
        setting, market.start, play.now, schedule.turn, dict(sorted(play.tally.items())), examiner.checks,
        violation=violation, samples=examiner.samples,
    )  # fmt: skip
    run.hash = fingerprint(db)
    return run


def first_moment(zone: str = "Europe/Berlin") -> Instant:
    """When the simulated time of made-up demand begins."""
    return start_of_day(START, zone)


def database(url: str, seed: int, start: Instant) -> Database:
    """The migrated database of a run that begins at `start`: virtual time, seeded ids, SQLite without waiting for the
    disk."""
    clock = VirtualClock(start)
    db = Database(url, clock=clock, ids=SeededIds(clock, seed), synchronous="OFF")
    migrations.upgrade(db)
    return db


def _people(
    play: Play,
    market: Market,
    outside: Outside,
    examiner: Examiner,
    db: Database,
    progress: Callable[[int], object] | None,
) -> None:
    rhythm = play.rhythm
    for worker in machinery.WORKERS:
        play.spawn(worker, machinery.work)
    play.spawn("housekeeper", machinery.keep)
    play.spawn("disk", lambda life: machinery.fill_disk(life, db))
    play.spawn("clocks", machinery.turn_clocks)
    street = outside.street()
    play.spawn("street", lambda life: _open_doors(life, market, street, progress))
    for n in (1, 2):
        play.every(f"picker {n}", rhythm.pick_every, at_work(hands.pick))
        play.every(f"packer {n}", rhythm.pack_every, at_work(hands.pack))
        play.every(f"agent {n}", rhythm.agents_every, at_work(agents.answer))
    play.every("bookkeeper", DAY, at_work(agents.send_refunds_again))
    play.every("vans", rhythm.vans_every, hands.hand_over)
    play.every("returns desk", 8 * HOUR, returns_desk.take_in)
    shelves = counters.Shrinkage()
    play.every("thief", 6 * HOUR, shelves.vanish)
    for n in (1, 2):
        play.every(f"counter {n}", rhythm.count_every, at_work(shelves.count))
    play.every("manager", DAY, at_work(counters.decide))
    play.every("quality", 8 * HOUR, at_work(lots.look))
    play.every("personnel", DAY, leavers.keep_out)
    play.every("owner", DAY, early.decide)
    play.every("impatient buyers", DAY, early.give_up)
    play.every("owner's books", 12 * HOUR, at_work(costs.choose_method))
    play.every("lorry", 12 * HOUR, at_work(lorries.Lorry().drive))
    play.every("doorstep", 12 * HOUR, doorstep.doorstep)
    outside.people()
    play.spawn("examiner", examiner.live)


def at_work(act: Callable[[Life], object]) -> Callable[[Life], object]:
    """The same act, in working hours only."""

    def within_hours(life: Life) -> None:
        shift = life.play.rhythm.shift
        if shift is None or shift[0] <= local(life.now, life.play.rhythm.timezone).hour < shift[1]:
            act(life)

    return within_hours


def _open_doors(
    life: Life, market: Market, street: shoppers.Street, progress: Callable[[int], object] | None
) -> None:
    for n, day in enumerate(market.days, 1):
        life.sleep(max(0, start_of_day(day, market.timezone) - life.now))
        for visit in market.visits(day):
            life.play.spawn(
                f"visit {visit.key}",
                lambda other, visit=visit: shoppers.shop(other, visit, street),  # type: ignore[misc]
                max(0, visit.at - life.now),
            )
        if progress is not None:
            progress(n)


def _let_it_end(play: Play, db: Database) -> None:
    """No new trouble: what is under way comes to its end."""
    play.trouble = Trouble()
    if db.dialect == "sqlite":
        machinery.limit_pages(db, machinery.NO_LIMIT)
    for program in play.programs.values():
        program.clock.skew = 0


@contextmanager
def _ears() -> Iterator[None]:
    """While a run goes on, the program's log goes to the eavesdropper alone."""
    logger = logging.getLogger("storekeep")
    before = logger.handlers[:], logger.propagate
    logger.handlers, logger.propagate = [machinery.Eavesdropper()], False
    try:
        yield
    finally:
        logger.handlers, logger.propagate = before


#: Every ledger and every status; what else there is follows from them or tells of them.
PRINTED = (
    "stock_move", "stock_balance", "lot", "availability", "reservation", "ledger_entry", "posting", "ledger_balance",
    "status_change", "sales_order", "order_kit", "order_line", "payment", "payment_attempt", "payment_event", "refund",
    "fulfillment", "shipment", "goods_return", "conversation", "remedy", "outbox", "inbox", "mail",
    "count_task", "count_line", "sell_ahead", "order_wait", "stock_signup", "low_stock",
    "transfer", "transfer_line", "transfer_difference", "sourcing_choice",
    "purchase_order", "purchase_order_line", "receipt", "receipt_line", "supplier_invoice", "supplier_return",
)  # fmt: skip


def fingerprint(db: Database) -> str:
    """SHA-256 over all ledgers and statuses, in the order of their keys."""
    digest = hashlib.sha256()
    with db.read() as tx:
        for name in PRINTED:
            table = metadata.tables[name]
            key = ", ".join(column.name for column in table.primary_key)
            result = tx.conn.exec_driver_sql(f"SELECT * FROM {name} ORDER BY {key}")  # noqa: S608
            digest.update(name.encode())
            while rows := result.fetchmany(5_000):
                digest.update(repr([tuple(row) for row in rows]).encode())
    return digest.hexdigest()
