"""Batches of work: proposed from what is open, planned, released to the floor with their bins, joined, canceled.

A proposal is only looked at; a planned batch keeps its orders from being picked one by one; a released one has bins and
a walk. Locks are taken in the order batch, fulfillment, stock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from storekeep.flows import dispatch
from storekeep.kernel import audit
from storekeep.kernel.bulk import among
from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.catalog.tables import variant
from storekeep.shop.fulfillment import batches, proposing, queries
from storekeep.shop.fulfillment import store as fulfillments
from storekeep.shop.fulfillment.batches import NewBatch, Tote
from storekeep.shop.fulfillment.cartround import Task
from storekeep.shop.fulfillment.hall import Hall, Spot
from storekeep.shop.fulfillment.model import WorkLine
from storekeep.shop.fulfillment.proposing import Fetch, Proposal, Work
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.inventory import foresight, picking
from storekeep.shop.inventory.model import AssignRequest
from storekeep.shop.inventory.tables import location
from storekeep.shop.orders.tables import sales_order

#: Open orders that one look at the floor proposes batches of, the most urgent first.
LOOK = 360
JOINABLE = ("multi_item", "wave")


@dataclass(frozen=True, slots=True)
class Wish:
    """Work that somebody wants picked in one walk, by a cut-off or without one."""

    kind: str
    fulfillment_ids: tuple[str, ...]
    cutoff_at: Instant | None = None


def propose(
    tx: Tx, warehouse_id: str, *, promised_to: str | None = None, totes: int = proposing.TOTES, limit: int = LOOK
) -> list[Proposal]:
    """Batches of the open work that is in none, for the promises up to a day (all, when None). Reads only."""
    f, order = fulfillment.c, sales_order.c
    query = (
        select(f.id, f.number, f.order_number, f.promised_on)
        .join_from(fulfillment, sales_order, order.id == f.order_id)
        .where(f.status == "open", f.warehouse_id == warehouse_id, order.status.not_in(dispatch.CALLED_OFF),
               ~batches.is_in_a_batch())
        .order_by(func.coalesce(f.promised_on, queries.NO_PROMISE), f.number)
        .limit(limit)
    )  # fmt: skip
    if promised_to is not None:
        query = query.where(f.promised_on <= promised_to)
    rows = tx.rows(query)
    lines = fulfillments.lines_of(tx, [row.id for row in rows])
    fetches = _fetches(tx, warehouse_id, [line for own in lines.values() for line in own])
    bulky = _bulky(tx, lines)
    works = [
        Work(row.id, row.number, row.order_number, row.promised_on, tuple(own), row.id in bulky,
             sum(each.qty for each in own) == sum(line.to_pick for line in lines[row.id]))
        for row in rows
        for own in [[fetch for line in lines[row.id] for fetch in fetches.get(line.id, [])]]
    ]  # fmt: skip
    return proposing.propose(works, hall_of(tx, warehouse_id), totes=totes)


def hall_of(tx: Tx, warehouse_id: str) -> Hall:
    """The hall of a warehouse, from the places of its bins."""
    at = location.c
    query = select(at.id, at.code, at.aisle, at.bay, at.walk_sequence).where(
        at.warehouse_id == warehouse_id, at.kind == "bin"
    )
    return Hall(Spot(*tuple(row)) for row in tx.rows(query.order_by(at.id)))


def _fetches(tx: Tx, warehouse_id: str, lines: Sequence[WorkLine]) -> dict[str, list[Fetch]]:
    wanted = [foresight.ToFetch(line.id, line.variant_id, warehouse_id, line.to_pick) for line in lines if line.to_pick]
    skus = {line.id: line.sku for line in lines}
    found: dict[str, list[Fetch]] = {}
    for each in foresight.bins_for(tx, wanted):
        line_id = each.fulfillment_line_id
        fetch = Fetch(line_id, each.variant_id, skus[line_id], each.location_id, each.qty)
        found.setdefault(line_id, []).append(fetch)
    return found


def _bulky(tx: Tx, lines: Mapping[str, Sequence[WorkLine]]) -> set[str]:
    """The work that does not go into a tote: a unit wants to travel alone, or all of it is too large or heavy."""
    v = variant.c
    ids = {line.variant_id for own in lines.values() for line in own}
    query = select(v.id, v.length_mm * v.width_mm * v.height_mm, v.weight_g, v.ships_alone).where(among(v.id, ids))
    facts = {each: (int(mm3), int(grams), bool(alone)) for each, mm3, grams, alone in map(tuple, tx.rows(query))}
    found = set()
    for each, own in lines.items():
        volume = sum(facts[line.variant_id][0] * line.to_pick for line in own)
        grams = sum(facts[line.variant_id][1] * line.to_pick for line in own)
        if volume > proposing.TOTE_MM3 or grams > proposing.TOTE_G or any(facts[line.variant_id][2] for line in own):
            found.add(each)
    return found


def plan(tx: Tx, wishes: Sequence[Wish]) -> list[str]:
    """Put open work into planned batches; returns their ids in order.

    A wish whose work is in one live batch already returns that one, so asking twice makes it once. Raises `Conflict`
    when some of the work is claimed, done or in another batch, `Invalid` for a wish that cannot be.
    """
    wanted = [each for wish in wishes for each in wish.fulfillment_ids]
    if len(set(wanted)) < len(wanted) or not all(wish.fulfillment_ids for wish in wishes):
        raise Invalid("fulfillment_ids", "a batch needs at least one order, and an order is in one batch only")
    rows = fulfillments.lock(tx, wanted)
    live = batches.live_of(tx, wanted)
    known: dict[int, str] = {}
    fresh: dict[int, NewBatch] = {}
    for n, wish in enumerate(wishes):
        of = {live[each][0] for each in wish.fulfillment_ids if each in live}
        if len(of) == 1 and all(each in live for each in wish.fulfillment_ids):
            known[n] = of.pop()
            continue
        for each in wish.fulfillment_ids:
            if each in live:
                raise Conflict(f"order {rows[each].order_number} is in batch {live[each][1]} already")
            if rows[each].status != "open":
                raise Conflict(f"order {rows[each].order_number} is {rows[each].status}; look at the proposals again")
        homes = {rows[each].warehouse_id for each in wish.fulfillment_ids}
        if len(homes) > 1:
            raise Invalid("fulfillment_ids", "a batch is walked in one warehouse")
        fresh[n] = NewBatch(homes.pop(), wish.kind, wish.fulfillment_ids, wish.cutoff_at)
    made = dict(zip(fresh, batches.create(tx, list(fresh.values())), strict=True))
    ids = [made[n] if n in made else known[n] for n in range(len(wishes))]
    _measure(tx, [made[n] for n in fresh])
    return ids


def _measure(tx: Tx, batch_ids: Sequence[str]) -> None:
    """Lengths of planned batches, by the bins that their goods would be fetched from now."""
    rows = batches.lock(tx, batch_ids)
    totes = batches.totes_of(tx, batch_ids)
    lines = fulfillments.lines_of(tx, [tote.fulfillment_id for own in totes.values() for tote in own])
    for home in sorted({row.warehouse_id for row in rows.values()}):
        own = [each for each in batch_ids if rows[each].warehouse_id == home]
        of = [line for each in own for tote in totes[each] for line in lines[tote.fulfillment_id]]
        fetches = _fetches(tx, home, of)
        orders = [[_bins(lines[tote.fulfillment_id], fetches) for tote in totes[each]] for each in own]
        for each, route in zip(own, hall_of(tx, home).routes(orders), strict=True):
            batches.set_route(tx, each, route, [])


def _bins(lines: Sequence[WorkLine], fetches: Mapping[str, Sequence[Fetch]]) -> list[str]:
    return [fetch.location_id for line in lines for fetch in fetches.get(line.id, [])]


def release(tx: Tx, batch_ids: Sequence[str]) -> list[str]:
    """Give planned batches their bins and their walk, for any picker to take; returns those that were released.

    Orders that were called off or claimed meanwhile leave their batch; one without any left is canceled. Releasing what
    is on the floor already changes nothing.
    """
    rows = batches.lock(tx, batch_ids)
    fresh = [each for each in rows if rows[each].status == "planned"]
    ended = [rows[each].number for each in rows if not batches.is_live(rows[each].status)]
    if ended:
        raise Conflict(f"batch {ended[0]} has ended")
    totes = batches.totes_of(tx, fresh)
    fulfillments.lock(tx, [tote.fulfillment_id for own in totes.values() for tote in own])
    totes = batches.totes_of(tx, fresh)
    batches.settle(tx, {
        tote.id: "called_off" if tote.status == "canceled" else "left"
        for own in totes.values() for tote in own if tote.status != "open"
    })  # fmt: skip
    staying = {each: [tote for tote in own if tote.status == "open"] for each, own in totes.items()}
    give_bins(tx, {rows[each].id: rows[each].warehouse_id for each in fresh}, staying)
    empty = [each for each in fresh if not staying[each]]
    batches.advance(tx, empty, "canceled", ended_at=tx.now)
    going = [each for each in fresh if staying[each]]
    batches.advance(tx, going, "released", released_at=tx.now, released_by=tx.actor)
    reroute(tx, {each: rows[each].warehouse_id for each in going})
    _note(tx, "batch.released", going)
    return [each for each in batch_ids if each not in empty]


def give_bins(tx: Tx, homes: Mapping[str, str], totes: Mapping[str, Sequence[Tote]]) -> None:
    """Bins for the work of totes by batch; `homes` has the warehouse of each batch."""
    lines = fulfillments.lines_of(tx, [tote.fulfillment_id for own in totes.values() for tote in own])
    requests = [
        AssignRequest(line.id, tote.order_id, line.order_line_id, line.variant_id, homes[each], line.due)
        for each, own in totes.items()
        for tote in own
        for line in lines[tote.fulfillment_id]
        if line.to_pick > 0
    ]
    if requests:
        picking.give_bins(tx, requests)


def reroute(tx: Tx, homes: Mapping[str, str]) -> None:
    """Plan the rest of the walk of locked batches anew, by batch its warehouse."""
    tasks = batches.tasks_of(tx, list(homes))
    for home in sorted(set(homes.values())):
        own = [each for each in homes if homes[each] == home]
        orders = [_by_order(tasks[each]) for each in own]
        for each, route in zip(own, hall_of(tx, home).routes(orders), strict=True):
            batches.set_route(tx, each, route, tasks[each])


def _by_order(tasks: Sequence[Task]) -> list[list[str]]:
    found: dict[str, list[str]] = {}
    for task in tasks:
        found.setdefault(task.fulfillment_id, []).append(task.location_id)
    return list(found.values())


def join(tx: Tx, batch_id: str, fulfillment_id: str) -> int:
    """A late order joins a batch that is on the floor or will be; returns the number of its tote.

    Joining again returns the same. Raises `Conflict` when the batch takes none or somebody has the order.
    """
    row = batches.lock(tx, [batch_id])[batch_id]
    work = fulfillments.lock(tx, [fulfillment_id])[fulfillment_id]
    live = batches.live_of(tx, [fulfillment_id])
    if live.get(fulfillment_id, ("", 0))[0] == batch_id:
        totes = batches.totes_of(tx, [batch_id])[batch_id]
        return next(tote.tote_no for tote in totes if tote.fulfillment_id == fulfillment_id and tote.outcome == "open")
    if fulfillment_id in live:
        raise Conflict(f"order {work.order_number} is in batch {live[fulfillment_id][1]} already")
    if work.status != "open":
        raise Conflict(f"order {work.order_number} is {work.status}; only open work can join a batch")
    if row.kind not in JOINABLE or not batches.is_live(row.status) or row.warehouse_id != work.warehouse_id:
        raise Conflict(f"batch {row.number} takes no more orders")
    number = batches.add(tx, batch_id, fulfillment_id)
    if row.status != "planned":
        totes = [tote for tote in batches.totes_of(tx, [batch_id])[batch_id] if tote.fulfillment_id == fulfillment_id]
        give_bins(tx, {batch_id: row.warehouse_id}, {batch_id: totes})
        if row.status == "in_progress":
            fulfillments.advance(tx, [fulfillment_id], "picking", claimed_by=row.picker, claimed_at=tx.now)
        reroute(tx, {batch_id: row.warehouse_id})
    else:
        _measure(tx, [batch_id])
    audit.record(tx, [audit.Entry("batch.joined", "pick_batch", batch_id, None, {"fulfillment_id": fulfillment_id})])
    return number


def cancel(tx: Tx, batch_ids: Sequence[str]) -> None:
    """Take batches that nobody has started back: their orders return to the list, with the bins that they have.

    Canceling again changes nothing; one that is being walked is a `Conflict` (the picker ends it).
    """
    rows = batches.lock(tx, batch_ids)
    for row in rows.values():
        if row.status in ("in_progress", "done"):
            raise Conflict(f"batch {row.number} is {row.status.replace('_', ' ')}; it can only be ended")
    going = [each for each in rows if rows[each].status != "canceled"]
    totes = batches.totes_of(tx, going)
    batches.settle(tx, {tote.id: "left" for own in totes.values() for tote in own if tote.outcome == "open"})
    batches.advance(tx, going, "canceled", ended_at=tx.now)
    _note(tx, "batch.canceled", going)


def _note(tx: Tx, what: str, batch_ids: Sequence[str]) -> None:
    audit.record(tx, [audit.Entry(what, "pick_batch", each) for each in batch_ids])
