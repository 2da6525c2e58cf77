"""A whole replay: read, plan, open the shop, drive every batch, count."""

import gc
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Table, func, select

from storekeep import migrations
from storekeep.flows.services import Services
from storekeep.flows.telling import link_secret
from storekeep.kernel import tables
from storekeep.kernel.clock import HOUR, VirtualClock
from storekeep.kernel.db import Database, Tx
from storekeep.kernel.errors import StorekeepError
from storekeep.kernel.ids import SeededIds
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.notify.sender import DemoMailer
from storekeep.shop.payments.providers import MemoryProvider
from storekeep.shop.reports import verify
from storekeep.world.simulator.replay import planning, reading, report, stocking
from storekeep.world.simulator.replay.driving import Driver
from storekeep.world.simulator.replay.planning import Plan
from storekeep.world.simulator.replay.report import Outcome

SEED = 1
#: Rows at fault that the report names
SHOWN = 50
BEFORE = 12 * HOUR
#: How many more objects were made than thrown away before the garbage collector looks at the youngest
YOUNG_OBJECTS = 100_000
#: Told how many more rows are done
Progress = Callable[[int], object]


class NothingToReplay(StorekeepError):
    """No row of the file could be understood, or none is early enough."""


def plan_of(path: Path, until: str | None = None, limit: int | None = None) -> Plan:
    """Read a file up to the local day `until`, the first `limit` documents of it. Raises `NothingToReplay`."""
    made = planning.plan(reading.read(path, until), limit)
    if not made.documents:
        raise NothingToReplay(f"{path} holds nothing to replay: {len(made.rejects)} rows were rejected")
    return made


def replay(
    url: str,
    plan: Plan,
    *,
    synchronous: str = "FULL",
    progress: Progress | None = None,
    with_verify: bool = True,
) -> Outcome:
    """Play a plan through the empty database at `url`, in virtual time with seeded ids; returns the report.

    The plan is used up: its documents are let go before `verify`, which needs the room. The same plan on the same kind
    of database makes the same rows. Raises `NotEmpty` for a database with a shop in it, and `Stuck` when the shop
    refuses what the file says happened.
    """
    clock = VirtualClock(plan.documents[0].at - BEFORE)
    db = Database(url, clock=clock, ids=SeededIds(clock, SEED), synchronous=synchronous)
    try:
        migrations.upgrade(db)
        driver = _open(db, clock, plan)
        with _calm_collector():
            for batch in planning.batches(plan.documents):
                driver.drive(batch)
                if progress is not None:
                    progress(sum(_size(document) for document in batch))
            driver.deliver()
        db.close()  # gives the writer's page cache back before the readers fill theirs; both open again by themselves
        with db.read() as tx:
            left = sum(_waiting(tx, table) for table in (tables.outbox, tables.inbox))
            outcome = report.count(tx, plan, driver.tally, driver.codes, left)
            del driver
            plan.documents.clear()
            return _verified(tx, outcome) if with_verify else outcome
    finally:
        db.close()


@contextmanager
def _calm_collector() -> Iterator[None]:
    """Let the garbage collector come seldom and leave the plan alone: a batch is thousands of rows that die by
    themselves, and looking through them for cycles took a sixth of the time."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _open(db: Database, clock: VirtualClock, plan: Plan) -> Driver:
    codes = stocking.country_codes(plan.countries)
    units = planning.opening_stock(planning.batches(plan.documents))
    with db.begin(actor="replay") as tx:
        stocking.refuse_unless_empty(tx)
        bins = stocking.open_shop(tx, codes)
        house = str(warehouses(tx)[0].id)
        secret = link_secret(tx)
    prices = stocking.usual_prices(plan.documents)
    with db.begin(actor="replay") as tx:
        shelves = stocking.stock(tx, bins, house, plan.descriptions, prices, units)
    provider = MemoryProvider(clock.now, record_events=False)
    freight = stocking.carrier()
    services = Services(
        db=db,
        providers={"memory": provider},
        provider="memory",
        mailer=DemoMailer(),
        carriers={freight.code: freight},
        link_secret=secret,
        public_url="http://replay.example",
    )
    return Driver(db, clock, services, provider, shelves, codes, random.Random(SEED))  # noqa: S311 - repeatable


def size_of(plan: Plan) -> int:
    """How many rows a replay of this plan will report as done."""
    return sum(_size(document) for document in plan.documents)


def _size(document: planning.Document) -> int:
    return len(document.sold) + len(document.credit) + len(document.corrections) + len(document.charges)


def _waiting(tx: Tx, table: Table) -> int:
    return int(tx.scalar(select(func.count()).where(table.c.status != "done")))


def _verified(tx: Tx, outcome: Outcome) -> Outcome:
    """The report with what `verify` says of the same snapshot, and the first rows at fault by name."""
    found = verify.run(tx)
    faults = [
        f"{result.id} {one.subject}: {one.text} (expected {one.expected}, found {one.found})"
        for result in found.results
        for one in result.offenders
    ]
    faults += [f"{result.id} could not be checked: {result.reason}" for result in found.results if result.reason]
    return replace(outcome, verified=found.status, offenders=tuple(faults[:SHOWN]))
