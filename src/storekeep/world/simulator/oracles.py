"""Who looks for mistakes while a run goes on: after each transaction, each night, each month, and at the quiet end."""

from typing import Any

from sqlalchemy import and_, func, or_, select

from storekeep.kernel import tables
from storekeep.kernel.clock import DAY, HOUR, MINUTE, Instant
from storekeep.kernel.db import Database, Tx
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.reports import verify
from storekeep.world.simulator import sampling
from storekeep.world.simulator.beside import Beside, Seen, look
from storekeep.world.simulator.market import FileDemand
from storekeep.world.simulator.play import Broken, Life, Play

#: All of verify every so many days; a quick one every night.
MONTH = 30
#: How wrong our own clocks may be
SKEW: Instant = 2 * HOUR
#: At the quiet end nothing may be older than this and still under way,
STUCK: Instant = 5 * DAY
#: and on no night older than this, or nobody will ever come to it.
FORGOTTEN: Instant = 12 * DAY
#: The nightly look comes a little after the housekeeper's
AFTER_CHORES: Instant = 3 * MINUTE


class Examiner:
    """Checks, counts its checks, and keeps a sample of every day for the report. Raises `Broken` at the first fault."""

    def __init__(self, play: Play, db: Database, outside: Any, beside: Beside | None = None) -> None:
        self._play, self._db, self._outside, self._beside = play, db, outside, beside
        #: When the look was asked for that goes on in the process beside us, and at which event
        self._asked: tuple[Instant, int] | None = None
        with db.read() as tx:
            self._watcher = verify.Watcher(tx)
        self._start = play.now
        self._last = play.now
        self._doubts: set[str] = set()
        self.checks = 0
        self.samples: list[dict[str, int]] = []

    def watch(self, tx: Tx) -> None:
        """The cheap checks, on a transaction that is about to be committed."""
        self.checks += 1
        for result in self._watcher.check(tx):
            self._blame(result)

    def live(self, life: Life) -> None:
        """Every night a sample and a quick look, every month a thorough one."""
        night = 0
        while True:
            life.sleep(self._start + (night + 1) * DAY + AFTER_CHORES - life.now)
            night += 1
            with self._db.read() as tx:
                self.samples.append(sampling.sample(tx, night))
                forgotten = _stuck(tx, FORGOTTEN)
            if forgotten:
                raise Broken("stuck", "; ".join(forgotten[:5]))
            self.look(None if night % MONTH == 0 else self._last - SKEW)
            self._last = life.now
            self.doubt()

    def doubt(self) -> None:
        """What the books of the outside and ours disagreed on yesterday must have been put right by now."""
        self.checks += 1
        with self._db.read() as tx:
            found = self._outside.doubts(tx)
        if still := sorted(found & self._doubts):
            raise Broken("X1 a day later", still[0])
        self._doubts = found

    def look(self, since: Instant | None) -> None:
        """All of verify, or only what changed since a moment; beside us when there is a process for it."""
        self.wait()
        if self._beside is not None:
            self._beside.ask(since, self._play.now)
            self._asked = (self._play.now, self._play.schedule.turn)
            return
        with self._db.read() as tx:
            self._note(look(tx, since))

    def wait(self) -> None:
        """Hear what the look found that goes on beside us."""
        if self._beside is not None and self._asked is not None:
            when, self._asked = self._asked, None
            self._note(self._beside.answer(), when)

    def _note(self, seen: Seen, when: tuple[Instant, int] | None = None) -> None:
        self.checks += seen.checks
        if seen.fault is not None:
            raise Broken(*seen.fault, when)

    def last_look(self) -> None:
        """The quiet end: the books of the outside agree with ours, nothing is stuck, and what was told is true."""
        self.look(None)
        self.wait()
        with self._db.read() as tx:
            looks = (*self._outside.differences(tx), ("stuck", _stuck(tx, STUCK)), ("told", self._told(tx)))
            for oracle, differences in looks:
                self.checks += 1
                if differences:
                    raise Broken(oracle, "; ".join(differences[:5]))

    def compare(self, market: FileDemand) -> None:
        """Without any trouble the orders are those of the file: as many, and the same money to the penny."""
        self.checks += 1
        told = self._play.acknowledged
        orders, total = market.expected.orders, market.expected.total_minor
        if (len(told), sum(told.values())) != (orders, total):
            text = f"the file has {orders} orders of {total} pennies, the books {len(told)} of {sum(told.values())}"
            raise Broken("demand", text)

    def _blame(self, result: verify.Result) -> None:
        if result.offenders:
            one = result.offenders[0]
            raise Broken(result.id, f"{one.subject}: {one.text} (expected {one.expected}, found {one.found})")

    def _told(self, tx: Tx) -> list[str]:
        """Every order that a shopper was told of is there, with the total that was told."""
        o = sales_order.c
        found = {row.number: row.total_minor for row in tx.rows(select(o.number, o.total_minor).order_by(o.number))}
        return [
            f"order {number} was acknowledged at {total}, the books say {found.get(number)}"
            for number, total in sorted(self._play.acknowledged.items())
            if found.get(number) != total
        ]


def _stuck(tx: Tx, patience: Instant) -> list[str]:
    """What should have come to an end long ago."""
    o = sales_order.c
    long_ago = tx.now - patience
    unpaid = and_(o.status == "pending_payment", o.placed_at < long_ago)
    unsent = and_(
        o.status.not_in(("canceled", "expired", "pending_payment")),
        o.fulfillment_status.in_(("unfulfilled", "partially_fulfilled")), o.placed_at < long_ago,
    )  # fmt: skip
    query = select(o.number, o.status, o.payment_status, o.fulfillment_status).where(or_(unpaid, unsent))
    found = [
        f"order {row.number} is still {row.status}, {row.payment_status}, {row.fulfillment_status}"
        for row in tx.rows(query.order_by(o.number).limit(20))
    ]
    for table in (tables.outbox, tables.inbox):
        waiting = select(table.c.kind, func.count().label("jobs")).where(
            table.c.status.in_(("due", "running")), table.c.due_at < tx.now - DAY
        )
        for row in tx.rows(waiting.group_by(table.c.kind).order_by(table.c.kind)):
            found.append(f"{row.jobs} {row.kind} jobs wait for more than a day")
    return found
