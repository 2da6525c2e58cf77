"""Runs the invariants on one snapshot, one after the other, and reports how each fared."""

from collections.abc import Callable, Collection
from contextlib import nullcontext

from sqlalchemy.exc import SQLAlchemyError

from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.reports.verify import (
    access,
    ahead,
    cost,
    counts,
    crossing,
    floor,
    goods,
    kernel,
    money,
    orders,
    purchasing,
    restock,
    service,
    several,
    shipping,
    web,
)
from storekeep.shop.reports.verify.model import BROKEN, NOT_RUN, OK, Invariant, Report, Result
from storekeep.shop.reports.verify.scope import Scope, touched

#: Every invariant that exists so far, in the order in which a run checks them. Ids are stable and never reused.
INVARIANTS: tuple[Invariant, ...] = (
    *goods.INVARIANTS, *orders.INVARIANTS, *money.INVARIANTS, *shipping.INVARIANTS, *floor.INVARIANTS,
    *service.INVARIANTS, *counts.INVARIANTS, *crossing.INVARIANTS, *restock.INVARIANTS, *kernel.INVARIANTS,
    *access.INVARIANTS, *web.INVARIANTS, *purchasing.INVARIANTS, *ahead.INVARIANTS, *cost.INVARIANTS,
    *several.INVARIANTS,
)  # fmt: skip


def _no_timer() -> int:
    return 0


def run(
    tx: Tx,
    ids: Collection[str] | None = None,
    *,
    since: Instant | None = None,
    timer: Callable[[], int] = _no_timer,
    done: Callable[[Result], object] = lambda _: None,
) -> Report:
    """Check the invariants with these ids (None: all), reading only; call it in `db.read()`: all see one moment.

    With `since` it is a quick run: only the orders, variants, parcels and so on that were touched at or after that
    instant are looked at, each of them whole. What counts is the time of ids and of the rows that a change leaves
    behind, so hand in an earlier instant where clocks may be wrong.

    One that cannot be checked (a table is missing) is `not run` and holds up none of the others. `timer` tells the time
    in microseconds; `done` is told each result as it comes. Raises `Invalid` at `id` for an id that there is not.
    """
    wanted = chosen(ids)
    scope = Scope() if since is None else touched(tx, since)
    return Report(tuple(_one(tx, invariant, scope, timer, done) for invariant in wanted))


def chosen(ids: Collection[str] | None) -> list[Invariant]:
    """The invariants with these ids, in their own order; `Invalid` names one that there is not."""
    if not ids:
        return list(INVARIANTS)
    wanted = {one.strip().upper() for one in ids}
    unknown = sorted(wanted - {invariant.id for invariant in INVARIANTS})
    if unknown:
        raise Invalid("id", f"there is no invariant {unknown[0]}; `storekeep verify --list` shows them all")
    return [invariant for invariant in INVARIANTS if invariant.id in wanted]


def _one(
    tx: Tx, invariant: Invariant, scope: Scope, timer: Callable[[], int], done: Callable[[Result], object]
) -> Result:
    start = timer()
    try:
        # A failed query would spoil the whole transaction on PostgreSQL.
        with tx.conn.begin_nested() if tx.dialect == "postgresql" else nullcontext():
            found = invariant.check(tx, scope)
    except SQLAlchemyError as failure:
        reason = str(getattr(failure, "orig", None) or failure).strip()
        took = (timer() - start) // 1000
        result = Result(invariant.id, invariant.sentence, NOT_RUN, milliseconds=took, reason=reason)
    else:
        result = Result(
            invariant.id,
            invariant.sentence,
            BROKEN if found.offender_count else OK,
            found.rows_checked,
            found.offenders,
            found.offender_count,
            (timer() - start) // 1000,
        )
    done(result)
    return result
