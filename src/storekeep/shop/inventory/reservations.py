"""Promising goods: cart holds, firm reservations of orders, and letting both go.

Holding and firming are the hot path and take whole batches: lock the availability of every variant in key order, decide
request by request in memory in the order of arrival, write once. The guard in the write stands as an assertion.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import and_

from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.inventory import ahead, origins, sourcing, store
from storekeep.shop.inventory.ahead import AHEAD
from storekeep.shop.inventory.model import (
    Allocation,
    Firmed,
    FirmRequest,
    Held,
    HoldRequest,
    Short,
    ShortLine,
    check_reason,
    check_units,
    summed,
)
from storekeep.shop.inventory.promises import Waiting
from storekeep.shop.inventory.states import AWAITED, CANCELABLE, HELD
from storekeep.shop.inventory.tables import reservation

#: By variant and warehouse; `AHEAD` stands for the warehouse of units that are not here yet.
_Holds = dict[store.Key, store.ReservationRow]


_LETS_GO = {"waiting": 0, "firm": 1, "assigned": 2}


def hold(tx: Tx, requests: Sequence[HoldRequest]) -> list[Held | Short]:
    """Keep the goods of carts; all lines of a cart or none, one outcome per request in order.

    Asking again replaces the cart's own hold, which never counts against it; the expiry is extended, never shortened.
    A refusal names every short variant with what is left, and leaves an earlier hold as it was. Raises `Invalid` for a
    quantity below 1 or beyond reason, and for an expiry that has passed.
    """
    wanted = [summed(request.lines) for request in requests]
    for request in requests:
        if request.expires_at <= tx.now:
            raise Invalid("expires_at", "a hold must end in the future")
    carts = [request.cart_id for request in requests]
    stock = store.lock_stock(tx, [v for demand in wanted for v in demand], carts)
    holds = _holds(stock, store.reservations_of(tx, carts, []))
    rooms, changes, rules = ahead.Rooms(tx, stock.free), store.Changes(tx), origins.Rules(tx)
    outcomes = [
        _hold_one(stock, rooms, changes, holds.setdefault(ask.cart_id, {}), ask, demand, rules.towards(ask.to, stock))
        for ask, demand in zip(requests, wanted, strict=True)
    ]
    _write(tx, stock, rooms, changes)
    return outcomes


def firm(tx: Tx, requests: Sequence[FirmRequest]) -> list[Firmed | Short]:
    """Reserve the goods of orders for good; all lines of an order or none, one outcome per request in order.

    The cart's own hold is used first (its plan kept when it fits the order), and what it no longer needs is released.
    What is not here is sold ahead where the variant's policy has room, and waits.
    Idempotent by order: one that has reservations gets those it has. A refusal leaves the cart's hold as it was.
    """
    return _firm(tx, requests, again=False)


def reserve_extra(tx: Tx, requests: Sequence[FirmRequest]) -> list[Firmed | Short]:
    """Reserve more for orders that have reservations already (goods sent again), out of what is here.

    The caller's own key makes it once.
    """
    return _firm(tx, requests, again=True)


def release_cart(tx: Tx, cart_ids: Sequence[str], reason: str) -> int:
    """Let the holds of carts go; returns the units. A cart without a hold is no error."""
    why = check_reason(reason)
    rows = store.locked_reservations(
        tx, and_(reservation.c.cart_id.in_(set(cart_ids)), reservation.c.status.in_(sorted(HELD)))
    )
    return sum(_release(tx, [(row, row["qty"]) for row in rows], why).values())


def release_order(tx: Tx, order_id: str, units: Mapping[str, int] | None, reason: str) -> dict[str, int]:
    """Let an order's goods go: all of them, or so many units of each order line.

    Returns the units released per order line. Only what waits or still stands in its bin is released (waiting first,
    then firm, then assigned, the youngest first); picked goods are put back instead, so fewer may be released.
    """
    why = check_reason(reason)
    for line_id, wanted in (units or {}).items():
        check_units(wanted, f"units[{line_id}]")
    rows = store.locked_reservations(
        tx, and_(reservation.c.order_id == order_id, reservation.c.status.in_(sorted(CANCELABLE)))
    )
    rows.sort(key=lambda row: row["id"], reverse=True)
    rows.sort(key=lambda row: _LETS_GO[row["status"]])
    left = dict(units) if units is not None else None
    parts = []
    for row in rows:
        qty = row["qty"] if left is None else min(row["qty"], left.get(row["order_line_id"], 0))
        if qty:
            parts.append((row, qty))
            if left is not None:
                left[row["order_line_id"]] -= qty
    return _release(tx, parts, why)


def expire_holds(tx: Tx, limit: int = 500) -> int:
    """Let up to `limit` holds go whose time has run out, the earliest first; returns how many."""
    rows = store.locked_reservations(
        tx, and_(reservation.c.status.in_(sorted(HELD)), reservation.c.expires_at <= tx.now), limit
    )
    _release(tx, [(row, row["qty"]) for row in rows], "hold ran out")
    return len(rows)


def _release(tx: Tx, parts: Sequence[tuple[store.ReservationRow, int]], reason: str) -> dict[str, int]:
    """Release units of counted reservations whose stock is locked; returns units per order line (or cart)."""
    changes = store.Changes(tx)
    reserved: dict[store.Key, int] = {}
    assigned: dict[store.BalanceKey, int] = {}
    awaited: dict[str, int] = {}
    released: dict[str, int] = {}
    for row, qty in parts:
        key = (row["variant_id"], row["warehouse_id"])
        if row["status"] in AWAITED:
            awaited[key[0]] = awaited.get(key[0], 0) - qty
        else:
            reserved[key] = reserved.get(key, 0) - qty
        if row["status"] == "assigned":
            at = store.lot_key(row)
            assigned[at] = assigned.get(at, 0) - qty
        owner = row["order_line_id"] or row["cart_id"]
        released[owner] = released.get(owner, 0) + qty
        changes.part(row, qty, status="released", release_reason=reason)
    store.change_reserved(tx, reserved)
    store.change_assigned(tx, assigned)
    changes.flush()
    ahead.change_waiting(tx, awaited)
    ahead.serve(tx, (variant_id for variant_id, _ in reserved))
    return released


def _write(tx: Tx, stock: store.Stock, rooms: ahead.Rooms, changes: store.Changes) -> None:
    """Write what a batch decided; what it gave back may be what an order waits for."""
    store.change_reserved(tx, stock.deltas, guarded=True)
    rooms.write()
    changes.flush()
    ahead.serve(tx, (variant_id for (variant_id, _), units in stock.deltas.items() if units < 0))


def _holds(stock: store.Stock, rows: Sequence[store.ReservationRow]) -> dict[str, _Holds]:
    """The live holds by cart; one made after the lock, of a variant outside it, is left to run out by itself."""
    found: dict[str, _Holds] = {}
    for row in rows:
        key = (row["variant_id"], row["warehouse_id"])
        if row["status"] == "cart" and key[1] in stock.free.get(key[0], {}):
            found.setdefault(row["cart_id"], {})[key] = row
        elif row["status"] == "ahead" and key[0] in stock.free:
            found.setdefault(row["cart_id"], {})[key[0], AHEAD] = row
    return found


def _source(
    stock: store.Stock,
    rooms: ahead.Rooms,
    holds: _Holds,
    demand: Mapping[str, int],
    rule: sourcing.Rule,
    *,
    anew: bool = False,
) -> dict[store.Key, int] | Short:
    """Where from: the own hold when it is exactly what is wanted, else a new plan with the own hold given back.

    A hold of units that are still to come is always planned anew: they may have come. Units ahead stand last.
    """
    if not anew and _held(holds) == demand and all(warehouse_id != AHEAD for _, warehouse_id in holds):
        return {key: row["qty"] for key, row in holds.items()}
    _take(stock, rooms, {key: -row["qty"] for key, row in holds.items()})
    found = _plan(stock, rooms, demand, rule)
    if isinstance(found, Short):
        _take(stock, rooms, {key: row["qty"] for key, row in holds.items()})
    else:
        _take(stock, rooms, found)
    return found


def _plan(
    stock: store.Stock, rooms: ahead.Rooms, demand: Mapping[str, int], rule: sourcing.Rule
) -> dict[store.Key, int] | Short:
    """Out of what is here first, and what is missing out of what is still to come."""
    missing = sourcing.shortages(demand, stock.free)
    over = {each.variant_id: each.wanted - each.available for each in missing}
    if any(units > rooms.room(variant_id) for variant_id, units in over.items()):
        told = (ShortLine(one.variant_id, one.wanted, one.available + rooms.room(one.variant_id)) for one in missing)
        return Short(tuple(one for one in told if one.available < one.wanted))
    here = {variant_id: qty - over.get(variant_id, 0) for variant_id, qty in demand.items()}
    plan = sourcing.plan({variant_id: qty for variant_id, qty in here.items() if qty}, stock.free, rule)
    if plan is None:
        raise AssertionError("a plan for what is free was refused")
    found = {(variant_id, house): qty for variant_id, parts in plan.items() for house, qty in parts}
    return found | {(variant_id, AHEAD): units for variant_id, units in over.items()}


def _take(stock: store.Stock, rooms: ahead.Rooms, units: Mapping[store.Key, int]) -> None:
    for (variant_id, warehouse_id), qty in units.items():
        if warehouse_id == AHEAD:
            rooms.take(variant_id, qty)
        else:
            stock.take(variant_id, warehouse_id, qty)


def _kept(rooms: ahead.Rooms, key: store.Key, *, for_cart: bool) -> dict[str, str | None]:
    """Where units of a plan are kept, as columns of a reservation."""
    if key[1] == AHEAD:
        status = "ahead" if for_cart else "waiting"
        house, day = rooms.policy(key[0]).warehouse_id, rooms.ready_on(key[0])
        return {"status": status, "warehouse_id": house, "promised_on": day}
    return {"status": "cart" if for_cart else "firm", "warehouse_id": key[1], "promised_on": None}


def _hold_one(
    stock: store.Stock,
    rooms: ahead.Rooms,
    changes: store.Changes,
    holds: _Holds,
    request: HoldRequest,
    demand: Mapping[str, int],
    rule: sourcing.Rule,
) -> Held | Short:
    # What the buyer has typed meanwhile may make another warehouse the cheaper or the nearer one.
    chosen = _source(stock, rooms, holds, demand, rule, anew=rule.name in ("cost", "distance"))
    if isinstance(chosen, Short) and _held(holds) == demand:
        chosen = {key: row["qty"] for key, row in holds.items()}  # more is kept back than when it was held
    if isinstance(chosen, Short):
        return chosen
    expires_at = max([request.expires_at, *(row["expires_at"] for row in holds.values())])
    for key in [key for key in holds if key not in chosen]:
        row = holds.pop(key)
        changes.part(row, row["qty"], status="released", release_reason="cart changed")
    for key, qty in chosen.items():
        if key in holds:
            holds[key]["expires_at"] = expires_at
            changes.resize(holds[key], qty)
        else:
            holds[key] = changes.make(
                variant_id=key[0], qty=qty, cart_id=request.cart_id, expires_at=expires_at,
                **_kept(rooms, key, for_cart=True),
            )  # fmt: skip
    return Held(tuple(sorted({house for _, house in chosen if house != AHEAD})), expires_at)


def _firm(tx: Tx, requests: Sequence[FirmRequest], *, again: bool) -> list[Firmed | Short]:
    wanted = [summed(request.lines) for request in requests]
    carts = [request.cart_id for request in requests if request.cart_id is not None]
    stock = store.lock_stock(tx, [v for demand in wanted for v in demand], carts)
    rows = store.reservations_of(tx, carts, [] if again else [request.order_id for request in requests])
    holds = _holds(stock, rows)
    done = _already(rows)
    rooms, changes = ahead.Rooms(tx, () if again else stock.free), store.Changes(tx)
    rules, decisions = origins.Rules(tx), list[origins.Decision]()
    outcomes: list[Firmed | Short] = []
    for request, demand in zip(requests, wanted, strict=True):
        if not again and request.order_id in done:
            outcomes.append(done[request.order_id])
            continue
        own = holds.get(request.cart_id, {}) if request.cart_id is not None else {}
        rule = rules.towards(request.to, stock)
        free = _free_for(stock, own, demand) if rule.origins is not None else {}
        outcome = _firm_one(stock, rooms, changes, own, request, demand, rule)
        if isinstance(outcome, Firmed):
            done[request.order_id] = outcome
            plan, is_held = _plan_of(outcome), _held(own) == demand
            here = {variant_id: sum(units for _, units in parts) for variant_id, parts in plan.items()}
            if len(sourcing.useful_warehouses(here, free)) > 1:
                decisions.append(origins.Decision(request.order_id, here, free, rule, plan, is_held))
            own.clear()
        outcomes.append(outcome)
    _write(tx, stock, rooms, changes)
    origins.keep(tx, decisions)
    return outcomes


def _free_for(stock: store.Stock, holds: _Holds, demand: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """What a cart could take from each warehouse: what is free, and what it holds itself."""
    free = {variant_id: dict(stock.free.get(variant_id, {})) for variant_id in demand}
    for (variant_id, warehouse_id), row in holds.items():
        if variant_id in free and warehouse_id != AHEAD:
            free[variant_id][warehouse_id] = free[variant_id].get(warehouse_id, 0) + row["qty"]
    return free


def _plan_of(outcome: Firmed) -> sourcing.Plan:
    units: dict[str, dict[str, int]] = {}
    for _, variant_id, warehouse_id, qty in outcome.allocations:
        mine = units.setdefault(variant_id, {})
        mine[warehouse_id] = mine.get(warehouse_id, 0) + qty
    return {variant_id: list(mine.items()) for variant_id, mine in units.items()}


def _held(holds: _Holds) -> dict[str, int]:
    held: dict[str, int] = {}
    for (variant_id, _), row in holds.items():
        held[variant_id] = held.get(variant_id, 0) + row["qty"]
    return held


def _already(rows: Sequence[store.ReservationRow]) -> dict[str, Firmed]:
    """What orders that come a second time have been promised and have not given back."""
    units: dict[str, dict[tuple[str, str, str], int]] = {}
    waits: dict[str, list[Waiting]] = {}
    for row in rows:
        if row["order_id"] is not None:
            mine = units.setdefault(row["order_id"], {})
            if row["status"] == "waiting":
                line = Waiting(row["order_line_id"], row["variant_id"], row["qty"], row["promised_on"])
                waits.setdefault(row["order_id"], []).append(line)
            elif row["status"] != "released":
                key = (row["order_line_id"], row["variant_id"], row["warehouse_id"])
                mine[key] = mine.get(key, 0) + row["qty"]
    return {
        order_id: Firmed(tuple(Allocation(*key, qty) for key, qty in mine.items()), tuple(waits.get(order_id, ())))
        for order_id, mine in units.items()
    }


def _firm_one(
    stock: store.Stock,
    rooms: ahead.Rooms,
    changes: store.Changes,
    holds: _Holds,
    request: FirmRequest,
    demand: Mapping[str, int],
    rule: sourcing.Rule,
) -> Firmed | Short:
    chosen = _source(stock, rooms, holds, demand, rule)
    if isinstance(chosen, Short):
        return chosen
    left: dict[str, list[list[str | int]]] = {}
    for (variant_id, warehouse_id), qty in chosen.items():
        left.setdefault(variant_id, []).append([warehouse_id, qty])
    allocations = []
    for line in request.lines:
        parts, units = left[line.variant_id], line.qty
        while units:
            warehouse_id, there = str(parts[0][0]), int(parts[0][1])
            qty = min(units, there)
            units -= qty
            parts[0][1] = there - qty
            if qty == there:
                parts.pop(0)
            allocations.append(Allocation(line.order_line_id, line.variant_id, warehouse_id, qty))
    for line_id, variant_id, warehouse_id, qty in allocations:
        held = holds.get((variant_id, warehouse_id))
        sold = {"order_id": request.order_id, "order_line_id": line_id, "expires_at": None,
                **_kept(rooms, (variant_id, warehouse_id), for_cart=False)}  # fmt: skip
        if held is not None and held["status"] in HELD:
            # The last unit of a hold turns into the first line that takes it; a longer line simply grows the row.
            if held["qty"] < qty:
                changes.resize(held, qty)
            changes.part(held, qty, **sold)
        else:
            changes.make(variant_id=variant_id, qty=qty, cart_id=request.cart_id, **sold)
    for held in holds.values():
        if held["status"] in HELD:
            changes.part(held, held["qty"], status="released", release_reason="not ordered")
    return Firmed(
        tuple(one for one in allocations if one.warehouse_id != AHEAD),
        tuple(
            Waiting(one.order_line_id, one.variant_id, one.qty, rooms.ready_on(one.variant_id))
            for one in allocations
            if one.warehouse_id == AHEAD
        ),
    )
