"""Promising goods: cart holds, firm reservations of orders, and letting both go.

Holding and firming are the hot path and take whole batches: lock the availability of every variant in key order, decide
request by request in memory in the order of arrival, write once. The guard in the write stands as an assertion.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import and_

from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.inventory import origins, sourcing, store
from storekeep.shop.inventory.model import (
    Allocation,
    Firmed,
    FirmLine,
    FirmRequest,
    Held,
    HoldLine,
    HoldRequest,
    Short,
    check_reason,
    check_units,
)
from storekeep.shop.inventory.states import CANCELABLE
from storekeep.shop.inventory.tables import reservation

_Holds = dict[store.Key, store.ReservationRow]


def hold(tx: Tx, requests: Sequence[HoldRequest]) -> list[Held | Short]:
    """Keep the goods of carts; all lines of a cart or none, one outcome per request in order.

    Asking again replaces the cart's own hold, which never counts against it; the expiry is extended, never shortened.
    A refusal names every short variant with what is left, and leaves an earlier hold as it was. Raises `Invalid` for a
    quantity below 1 or beyond reason, and for an expiry that has passed.
    """
    wanted = [_summed(request.lines) for request in requests]
    for request in requests:
        if request.expires_at <= tx.now:
            raise Invalid("expires_at", "a hold must end in the future")
    carts = [request.cart_id for request in requests]
    stock = store.lock_stock(tx, [v for demand in wanted for v in demand], carts)
    holds = _holds(stock, store.reservations_of(tx, carts, []))
    changes = store.Changes(tx)
    rules = origins.Rules(tx)
    outcomes = [
        _hold_one(stock, changes, holds.setdefault(ask.cart_id, {}), ask, demand, rules.towards(ask.to, stock))
        for ask, demand in zip(requests, wanted, strict=True)
    ]
    store.change_reserved(tx, stock.deltas, guarded=True)
    changes.flush()
    return outcomes


def firm(tx: Tx, requests: Sequence[FirmRequest]) -> list[Firmed | Short]:
    """Reserve the goods of orders for good; all lines of an order or none, one outcome per request in order.

    The cart's own hold is used first (its plan kept when it fits the order), and what it no longer needs is released.
    Idempotent by order: one that has reservations gets those it has. A refusal leaves the cart's hold as it was.
    """
    return _firm(tx, requests, again=False)


def reserve_extra(tx: Tx, requests: Sequence[FirmRequest]) -> list[Firmed | Short]:
    """Reserve more for orders that have reservations already (goods sent again). The caller's own key makes it once."""
    return _firm(tx, requests, again=True)


def release_cart(tx: Tx, cart_ids: Sequence[str], reason: str) -> int:
    """Let the holds of carts go; returns the units. A cart without a hold is no error."""
    why = check_reason(reason)
    rows = store.locked_reservations(
        tx, and_(reservation.c.cart_id.in_(set(cart_ids)), reservation.c.status == "cart")
    )
    return sum(_release(tx, [(row, row["qty"]) for row in rows], why).values())


def release_order(tx: Tx, order_id: str, units: Mapping[str, int] | None, reason: str) -> dict[str, int]:
    """Let an order's goods go: all of them, or so many units of each order line.

    Returns the units released per order line. Only what still stands in its bin is released (firm first, then assigned,
    the youngest first); picked goods are put back instead, so fewer may be released than asked for.
    """
    why = check_reason(reason)
    for line_id, wanted in (units or {}).items():
        check_units(wanted, f"units[{line_id}]")
    rows = store.locked_reservations(
        tx, and_(reservation.c.order_id == order_id, reservation.c.status.in_(sorted(CANCELABLE)))
    )
    rows.sort(key=lambda row: row["id"], reverse=True)
    rows.sort(key=lambda row: row["status"] == "assigned")
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
        tx, and_(reservation.c.status == "cart", reservation.c.expires_at <= tx.now), limit
    )
    _release(tx, [(row, row["qty"]) for row in rows], "hold ran out")
    return len(rows)


def _release(tx: Tx, parts: Sequence[tuple[store.ReservationRow, int]], reason: str) -> dict[str, int]:
    """Release units of counted reservations whose stock is locked; returns units per order line (or cart)."""
    changes = store.Changes(tx)
    reserved: dict[store.Key, int] = {}
    assigned: dict[store.BalanceKey, int] = {}
    released: dict[str, int] = {}
    for row, qty in parts:
        key = (row["variant_id"], row["warehouse_id"])
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
    return released


def _summed(lines: Sequence[HoldLine | FirmLine]) -> dict[str, int]:
    """Units per variant, checked line by line; equal variants are added up."""
    wanted: dict[str, int] = {}
    for number, line in enumerate(lines):
        check_units(line.qty, f"lines[{number}].qty")
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.qty
    return wanted


def _holds(stock: store.Stock, rows: Sequence[store.ReservationRow]) -> dict[str, _Holds]:
    """The live holds by cart; one made after the lock, of a variant outside it, is left to run out by itself."""
    found: dict[str, _Holds] = {}
    for row in rows:
        key = (row["variant_id"], row["warehouse_id"])
        if row["status"] == "cart" and key[1] in stock.free.get(key[0], {}):
            found.setdefault(row["cart_id"], {})[key] = row
    return found


def _source(
    stock: store.Stock, holds: _Holds, demand: Mapping[str, int], rule: sourcing.Rule, *, anew: bool = False
) -> dict[store.Key, int] | Short:
    """Where from: the own hold when it is exactly what is wanted, else a new plan with the own hold given back."""
    if _held(holds) == demand and not anew:
        return {key: row["qty"] for key, row in holds.items()}
    for (variant_id, warehouse_id), row in holds.items():
        stock.take(variant_id, warehouse_id, -row["qty"])
    plan = sourcing.plan(demand, stock.free, rule)
    if plan is None:
        short = Short(sourcing.shortages(demand, stock.free))
        for (variant_id, warehouse_id), row in holds.items():
            stock.take(variant_id, warehouse_id, row["qty"])
        return short
    found = {}
    for variant_id, parts in plan.items():
        for warehouse_id, qty in parts:
            stock.take(variant_id, warehouse_id, qty)
            found[variant_id, warehouse_id] = qty
    return found


def _hold_one(
    stock: store.Stock,
    changes: store.Changes,
    holds: _Holds,
    request: HoldRequest,
    demand: Mapping[str, int],
    rule: sourcing.Rule,
) -> Held | Short:
    # What the buyer has typed meanwhile may make another warehouse the cheaper or the nearer one.
    chosen = _source(stock, holds, demand, rule, anew=rule.name in ("cost", "distance"))
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
                variant_id=key[0], warehouse_id=key[1], qty=qty, status="cart", cart_id=request.cart_id,
                expires_at=expires_at,
            )  # fmt: skip
    return Held(tuple(sorted({warehouse_id for _, warehouse_id in chosen})), expires_at)


def _firm(tx: Tx, requests: Sequence[FirmRequest], *, again: bool) -> list[Firmed | Short]:
    wanted = [_summed(request.lines) for request in requests]
    carts = [request.cart_id for request in requests if request.cart_id is not None]
    stock = store.lock_stock(tx, [v for demand in wanted for v in demand], carts)
    rows = store.reservations_of(tx, carts, [] if again else [request.order_id for request in requests])
    holds = _holds(stock, rows)
    done = _already(rows)
    changes = store.Changes(tx)
    rules, decisions = origins.Rules(tx), list[origins.Decision]()
    outcomes: list[Firmed | Short] = []
    for request, demand in zip(requests, wanted, strict=True):
        if not again and request.order_id in done:
            outcomes.append(done[request.order_id])
            continue
        own = holds.get(request.cart_id, {}) if request.cart_id is not None else {}
        rule = rules.towards(request.to, stock)
        free = _free_for(stock, own, demand) if rule.origins is not None else {}
        outcome = _firm_one(stock, changes, own, request, demand, rule)
        if isinstance(outcome, Firmed):
            done[request.order_id] = outcome
            if len(sourcing.useful_warehouses(demand, free)) > 1:
                is_held = _held(own) == demand
                decisions.append(origins.Decision(request.order_id, demand, free, rule, _plan_of(outcome), is_held))
            own.clear()
        outcomes.append(outcome)
    store.change_reserved(tx, stock.deltas, guarded=True)
    changes.flush()
    origins.keep(tx, decisions)
    return outcomes


def _free_for(stock: store.Stock, holds: _Holds, demand: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """What a cart could take from each warehouse: what is free, and what it holds itself."""
    free = {variant_id: dict(stock.free.get(variant_id, {})) for variant_id in demand}
    for (variant_id, warehouse_id), row in holds.items():
        if variant_id in free:
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
    for row in rows:
        if row["order_id"] is not None:
            mine = units.setdefault(row["order_id"], {})
            if row["status"] != "released":
                key = (row["order_line_id"], row["variant_id"], row["warehouse_id"])
                mine[key] = mine.get(key, 0) + row["qty"]
    return {
        order_id: Firmed(tuple(Allocation(*key, qty) for key, qty in mine.items())) for order_id, mine in units.items()
    }


def _firm_one(
    stock: store.Stock,
    changes: store.Changes,
    holds: _Holds,
    request: FirmRequest,
    demand: Mapping[str, int],
    rule: sourcing.Rule,
) -> Firmed | Short:
    chosen = _source(stock, holds, demand, rule)
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
        sold = {"status": "firm", "order_id": request.order_id, "order_line_id": line_id, "expires_at": None}
        if held is not None and held["status"] == "cart":
            # The last unit of a hold turns into the first line that takes it; a longer line simply grows the row.
            if held["qty"] < qty:
                changes.resize(held, qty)
            changes.part(held, qty, **sold)
        else:
            changes.make(
                variant_id=variant_id, warehouse_id=warehouse_id, qty=qty, cart_id=request.cart_id, **sold
            )  # fmt: skip
    for held in holds.values():
        if held["status"] == "cart":
            changes.part(held, held["qty"], status="released", release_reason="not ordered")
    return Firmed(tuple(allocations))
