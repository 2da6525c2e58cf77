"""What has to be done again and again, and how often it is due. A chore is handed the database and opens its own
transactions: one for most, several for one that computes in between."""

from collections.abc import Callable
from dataclasses import dataclass

from storekeep.flows import (
    back_in_stock,
    batch_pick,
    confirm,
    count,
    expire,
    lots,
    low_stock,
    recover,
    restock,
    settle,
    waits,
)
from storekeep.kernel.clock import HOUR, MINUTE, SECOND, Instant
from storekeep.kernel.db import Database, Tx
from storekeep.shop.site import profile


@dataclass(frozen=True, slots=True)
class Chore:
    """A named piece of housekeeping."""

    name: str
    every: Instant
    run: Callable[[Database], object]


def _at_once(verb: Callable[[Tx], object]) -> Callable[[Database], object]:
    """A chore that is one transaction."""

    def run(db: Database) -> object:
        with db.begin(actor="worker") as tx:
            return verb(tx)

    return run


def _silent(tx: Tx) -> object:
    return recover.open_silent_cases(tx, profile.load(tx).silent_days, 100)


def _begin_waiting(tx: Tx) -> object:
    """Pre-orders whose day has come; and whatever a lost job left behind."""
    return confirm.resume(tx, waits.due(tx, 100))


CHORES = (
    Chore("give expired cart holds back", 10 * SECOND, _at_once(expire.expire_holds)),
    Chore("look after waiting payments", 20 * SECOND, _at_once(settle.janitor)),
    Chore("look again at what a bank may have changed", 6 * HOUR, _at_once(settle.look_again)),
    Chore("close unpaid orders' payment pages", MINUTE, _at_once(expire.ask_overdue)),
    Chore("expire unpaid orders", MINUTE, _at_once(expire.expire_unpaid)),
    Chore("end batches that have nothing left", 10 * MINUTE, _at_once(batch_pick.tidy)),
    Chore("open cases for silent parcels", 10 * MINUTE, _at_once(_silent)),
    Chore("sort goods into classes at night", HOUR, count.sort_goods),
    Chore("ask for today's counts", HOUR, _at_once(count.plan_counts)),
    Chore("take lots off sale whose day has come", 10 * MINUTE, _at_once(lots.expire_due)),
    Chore("begin the orders that have waited long enough", 10 * MINUTE, _at_once(_begin_waiting)),
    Chore("take what the bank would let go", HOUR, _at_once(confirm.take_before_lapse)),
    Chore("tell buyers whose goods are late", HOUR, _at_once(confirm.tell_delays)),
    Chore("tell who waits that it is back", MINUTE, _at_once(back_in_stock.tell)),
    Chore("tell the owner what runs low", HOUR, _at_once(low_stock.look)),
    Chore("look at night what is to be ordered", 10 * MINUTE, restock.nightly),
)


class Housekeeper:
    """Runs each chore when it is due. Restarting it runs all of them once, which harms nothing."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._next: dict[str, Instant] = {}

    def step(self) -> int:
        """Run what is due; returns how many chores ran."""
        ran = 0
        for chore in CHORES:
            if self._db.clock.now() >= self._next.get(chore.name, 0):
                chore.run(self._db)
                self._next[chore.name] = self._db.clock.now() + chore.every
                ran += 1
        return ran
