"""Selling units that are not here yet: back-orders up to a limit, pre-orders up to a cap, and whose turn it is.

Units sold ahead are reservations without stock: `ahead` for a cart, `waiting` for an order. `sell_ahead.waiting` counts
both, and never exceeds the limit. The row is guarded as reservations are: whoever writes it holds the variant's
availability rows. Goods that become free go to waiting orders in the same transaction (`serve`), the oldest promise
first, so nobody who comes later can take them.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select

from storekeep.kernel import audit, outbox
from storekeep.kernel.bulk import among, listed
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.inventory import store
from storekeep.shop.inventory.model import MAX_UNITS
from storekeep.shop.inventory.promises import LONGEST_LEAD, Policy, PolicyDraft, is_day
from storekeep.shop.inventory.tables import reservation, sell_ahead, warehouse

#: Where units come from that are not here yet: the last place to take from, in the words of a plan.
AHEAD = "ahead"
#: The kind of the job that tells the orders' story that all goods of an order have come.
CAME = "order.goods_came"


_P = sell_ahead.c
_POLICIES = (
    select(*(_P[name] for name in Policy.__slots__[:-1]), warehouse.c.timezone)
    .join_from(sell_ahead, warehouse, warehouse.c.id == _P.warehouse_id)
    .where(among(_P.variant_id, listed("variants")))
    .order_by(_P.variant_id)
)
_AWAITED = select(_P.variant_id).where(among(_P.variant_id, listed("variants")), _P.waiting > 0)


def policies(tx: Tx, variant_ids: Iterable[str]) -> dict[str, Policy]:
    """The policy of each variant that has one."""
    wanted = sorted(set(variant_ids))
    if not wanted:
        return {}
    return {row.variant_id: Policy(*tuple(row)) for row in tx.rows(_POLICIES, {"variants": wanted})}


def set_policy(tx: Tx, draft: PolicyDraft) -> None:
    """Decide how a variant is sold ahead; who waits already keeps waiting. The same values change nothing.

    Raises `Invalid` at `kind`, `limit`, `lead_days` or `ships_on`; a limit below the units that wait is refused.
    """
    store.skus(tx, [draft.variant_id])
    # The lock of the policy is the variant's availability, also of a variant that never had any goods.
    store.ensure_availability(tx, [(draft.variant_id, draft.warehouse_id)])
    store.lock_stock(tx, [draft.variant_id])
    known = policies(tx, [draft.variant_id]).get(draft.variant_id)
    waiting = known.waiting if known is not None else 0
    values = _checked(tx, draft, waiting)
    before = None if known is None else {name: getattr(known, name) for name in values}
    if before == values or (known is None and draft.kind == "stopped"):
        return
    if known is None:
        row = {"variant_id": draft.variant_id, **values, "waiting": 0, "updated_at": tx.now}
        tx.insert_many(sell_ahead, [row])
    else:
        row = {"variant_id": draft.variant_id, **values, "updated_at": tx.now}
        store.update_many(tx, sell_ahead, ("variant_id",), (*values, "updated_at"), [row])
    audit.record(tx, [audit.Entry("stock.sell_ahead", "variant", draft.variant_id, before, values)])


def _checked(tx: Tx, draft: PolicyDraft, waiting: int) -> dict[str, object]:
    if draft.kind not in ("backorder", "preorder", "stopped"):
        raise Invalid("kind", "choose back-order, pre-order or neither")
    if draft.kind == "stopped":
        return {"warehouse_id": draft.warehouse_id, "kind": "stopped", "limit_units": waiting, "lead_days": 0,
                "ships_on": None}  # fmt: skip
    if not 1 <= draft.limit_units <= MAX_UNITS:
        raise Invalid("limit", f"the limit is from 1 to {MAX_UNITS:,} units")
    if draft.limit_units < waiting:
        raise Invalid("limit", f"{waiting} units wait already; the limit cannot be lower than that")
    if not 0 <= draft.lead_days <= LONGEST_LEAD:
        raise Invalid("lead_days", f"the days until it can be sent are from 0 to {LONGEST_LEAD}")
    day = draft.ships_on if draft.kind == "preorder" else None
    if draft.kind == "preorder" and (day is None or not is_day(day)):
        raise Invalid("ships_on", "a pre-order needs the day on which it is sent first, like 2027-03-31")
    return {"warehouse_id": draft.warehouse_id, "kind": draft.kind, "limit_units": draft.limit_units,
            "lead_days": draft.lead_days, "ships_on": day}  # fmt: skip


class Rooms:
    """What can be sold ahead of the variants of a batch, held in memory while the batch decides.

    Read only when something is short, so that orders for goods that are here pay nothing for it.
    """

    __slots__ = ("_known", "_taken", "_tx", "_variants")

    def __init__(self, tx: Tx, variant_ids: Iterable[str]) -> None:
        self._tx, self._variants = tx, tuple(variant_ids)
        self._known: dict[str, Policy] | None = None
        self._taken: dict[str, int] = {}

    def policy(self, variant_id: str) -> Policy:
        """The policy of a variant that was sold ahead."""
        return self._policies()[variant_id]

    def room(self, variant_id: str) -> int:
        """Units that can still be sold ahead, by what this batch has decided so far."""
        known = self._policies().get(variant_id)
        return 0 if known is None else max(0, known.room - self._taken.get(variant_id, 0))

    def take(self, variant_id: str, qty: int) -> None:
        """Sell units ahead; a negative quantity gives them back."""
        self._taken[variant_id] = self._taken.get(variant_id, 0) + qty

    def ready_on(self, variant_id: str) -> str:
        """The day promised for a unit that is sold now."""
        return self.policy(variant_id).ready_on(self._tx.now)

    def write(self) -> None:
        """Write what was decided; the limit is checked once more by the database."""
        change_waiting(self._tx, self._taken)

    def _policies(self) -> dict[str, Policy]:
        if self._known is None:
            self._known = policies(self._tx, {*self._variants, *self._taken})
        return self._known


def change_waiting(tx: Tx, deltas: Mapping[str, int], served: Mapping[str, int] | None = None) -> None:
    """Add to the units that wait for a variant; `served` ones have come, and leave the cap of a pre-order for good.

    The variants' availability is locked by the caller.
    """
    wanted = {variant_id for variant_id, units in (*deltas.items(), *(served or {}).items()) if units}
    rows = []
    for variant_id, known in policies(tx, wanted).items():
        came = (served or {}).get(variant_id, 0)
        limit = known.limit_units - (came if known.kind in ("preorder", "stopped") else 0)
        waiting = known.waiting + deltas.get(variant_id, 0) - came
        rows.append({"variant_id": variant_id, "waiting": waiting, "limit_units": limit, "updated_at": tx.now})
    store.update_many(tx, sell_ahead, ("variant_id",), ("waiting", "limit_units", "updated_at"), rows)


def serve(tx: Tx, variant_ids: Iterable[str]) -> int:
    """Give what is free of these variants to the orders that wait for it, the oldest promise first; returns the units.

    Every verb that makes goods free calls it at its end, so that no order waits while there is something for it. An
    order whose goods have all come is told to go on by a job.
    """
    wanted = sorted(set(variant_ids))
    awaited = [row.variant_id for row in tx.rows(_AWAITED, {"variants": wanted})] if wanted else []
    if not awaited:
        return 0
    stock = store.lock_stock(tx, awaited)
    free = {variant_id: {w: n for w, n in there.items() if n > 0} for variant_id, there in stock.free.items()}
    lucky = [variant_id for variant_id in awaited if free.get(variant_id)]
    if not lucky:
        return 0
    r = reservation.c
    query = (
        select(reservation)
        .where(among(r.variant_id, lucky), r.status == "waiting")
        .order_by(r.promised_on, r.created_at, r.id)
    )
    changes, served, touched = store.Changes(tx), dict[str, int](), dict[str, None]()
    for row in (dict(found._mapping) for found in tx.rows(query)):
        given = _give(stock, changes, free[row["variant_id"]], row)
        if given:
            served[row["variant_id"]] = served.get(row["variant_id"], 0) + given
            touched[row["order_id"]] = None
    store.change_reserved(tx, stock.deltas, guarded=True)
    changes.flush()
    change_waiting(tx, {}, served)
    _tell(tx, list(touched))
    return sum(served.values())


def _give(stock: store.Stock, changes: store.Changes, free: dict[str, int], row: store.ReservationRow) -> int:
    """Units for one waiting reservation: from where they were expected, then from where most lies."""
    given = 0
    for house in sorted(free, key=lambda w: (w != row["warehouse_id"], -free[w], w)):
        qty = min(free[house], row["qty"])
        if not qty:
            continue
        free[house] -= qty
        given += qty
        stock.take(row["variant_id"], house, qty)
        if changes.part(row, qty, status="firm", warehouse_id=house) is row:
            break
    return given


def _tell(tx: Tx, order_ids: Sequence[str]) -> None:
    """A job for each order that has all its goods now."""
    r = reservation.c
    query = select(r.order_id).where(among(r.order_id, order_ids), r.status == "waiting").distinct()
    short = {row.order_id for row in tx.rows(query)}
    outbox.send_new(
        tx,
        [
            outbox.Message(CAME, f"{CAME}:{tx.new_id()}", {"order_id": order_id}, subject_id=order_id)
            for order_id in order_ids
            if order_id not in short
        ],
    )


def held_back(tx: Tx, variant_ids: Iterable[str]) -> dict[str, str]:
    """Variant -> the first day on which it is sent, of those that are on pre-order and not to be sent yet."""
    known = policies(tx, variant_ids)
    return {each: str(one.ships_on) for each, one in known.items() if one.is_held_back(tx.now)}
