"""Suppliers: they are asked for what the restock board and the reorder list name, and bring it days later, or later
still, short or over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from storekeep.flows import receive, restock
from storekeep.kernel.clock import day_of
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict
from storekeep.shop.catalog.tables import variant
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.queries import ReorderRow, to_reorder
from storekeep.shop.inventory.tables import location, stock_balance
from storekeep.shop.replenishment import queries, suggestions
from storekeep.shop.replenishment.model import Pick
from storekeep.world.simulator.market import keeping
from storekeep.world.simulator.play import Life

#: More variants than this are never asked for at once.
LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Units of a variant that a warehouse asks for."""

    variant_id: str
    warehouse_id: str
    qty: int


@dataclass(frozen=True, slots=True)
class Promised:
    """Units of a variant that a supplier brings to a warehouse; `bin_id` None leaves them in receiving."""

    variant_id: str
    qty: int
    unit_cost_minor: int
    bin_id: str | None
    #: Days that it keeps (0: it has no lots), and what of them is left when it comes, in percent
    life_days: int = 0
    percent_left: int = 0


class Suppliers:
    """Whoever delivers. What is on its way is known to the supplier alone: after a restart it is asked for again."""

    def __init__(self) -> None:
        #: (variant, warehouse) that are on their way
        self._coming: set[tuple[str, str]] = set()

    def order(self, life: Life) -> None:
        """Ask for everything on the reorder list that is not on its way yet; the deliveries come by themselves."""
        listed = [row for row in life.read(_wanted) if (row.variant_id, row.warehouse_id) not in self._coming]
        self._ask(life, [Asked(row.variant_id, row.warehouse_id, row.suggested) for row in listed])

    def buy(self, life: Life) -> None:
        """Somebody goes through the restock board: orders, changes a quantity now and then, dismisses what is on its
        way already, and presses the button twice."""
        trouble, picks, wanted = life.play.trouble, [], []
        for row in life.read(lambda tx: queries.open_of(tx)):
            if (row.variant_id, row.warehouse_id) in self._coming:
                if life.chance(0.5):
                    self._dismiss(life, row.id)
                continue
            qty = row.qty
            if life.chance(trouble.buyer_changes):
                qty = max(1, qty * life.rng.randint(50, 150) // 100)
                life.note("fault: buyer changed a quantity")
            picks.append(Pick(row.id, qty))
            wanted.append(Asked(row.variant_id, row.warehouse_id, qty))
        if not picks:
            return
        command = f"{life.name} of {life.now}"
        life.write("buyer", lambda tx: restock.order(tx, picks, command))
        if life.chance(trouble.buyer_presses_twice):
            life.note("fault: buyer pressed twice")
            life.write("buyer", lambda tx: restock.order(tx, picks, command))
        life.note("lines ordered on the restock board", len(picks))
        self._ask(life, wanted)

    def _dismiss(self, life: Life, suggestion_id: str) -> None:
        try:
            life.write("buyer", lambda tx: suggestions.dismiss(tx, [suggestion_id], "on its way already"))
            life.note("lines dismissed on the restock board")
        except Conflict:
            life.note("lines on the restock board decided meanwhile")

    def _ask(self, life: Life, rows: Sequence[Asked]) -> None:
        if not rows:
            return
        goods, bins = life.read(lambda tx: (_goods(tx, rows), _bins(tx, rows)))
        deliveries: dict[tuple[str, bool], list[Promised]] = {}
        for row in rows:
            self._coming.add((row.variant_id, row.warehouse_id))
            is_late = _strikes(life, life.play.trouble.supplier_late, "late")
            one = goods[row.variant_id]
            life_days = one.shelf_life_days or 0 if one.tracking == "lot" else 0
            promised = Promised(
                row.variant_id, _brought(life, row.qty), one.cost_minor,
                bins.get((row.warehouse_id, row.variant_id)) or bins.get((row.warehouse_id, "")),
                life_days, _percent_left(life) if life_days else 0,
            )  # fmt: skip
            deliveries.setdefault((row.warehouse_id, is_late), []).append(promised)
        life.note("variants asked of suppliers", len(rows))
        for n, ((warehouse_id, is_late), promises) in enumerate(sorted(deliveries.items())):
            after = life.play.rhythm.lead_time * life.rng.randint(60, 140) // 100
            self._promise(life, f"{life.name} of {life.now} {n}", warehouse_id, promises, after * (3 if is_late else 1))

    def _promise(
        self, life: Life, name: str, warehouse_id: str, promises: Sequence[Promised], after: int
    ) -> None:
        """One delivery, some days from now. Its name is its command, so that it is booked in once."""

        def deliver(other: Life) -> None:
            today = day_of(other.now, other.play.rhythm.timezone)
            lines = [_line(each, today) for each in promises]
            try:
                other.write(
                    "supplier", lambda tx: receive.receive(tx, lines, warehouse_id, name, "supplier delivery")
                )
                other.note("deliveries")
                other.note("units delivered", sum(each.qty for each in promises))
            finally:
                self._coming -= {(each.variant_id, warehouse_id) for each in promises}

        life.play.spawn(name, deliver, after)


def _wanted(tx: Tx) -> list[ReorderRow]:
    return to_reorder(tx, limit=LIMIT)


def _brought(life: Life, asked: int) -> int:
    """How much really comes of what was asked for; at least one unit."""
    trouble = life.play.trouble
    if asked > 1 and _strikes(life, trouble.supplier_short, "short"):
        return max(1, asked * life.rng.randint(30, 90) // 100)
    if _strikes(life, trouble.supplier_over, "over"):
        return asked + max(1, asked * life.rng.randint(5, 30) // 100)
    return asked


def _strikes(life: Life, chance: float, what: str) -> bool:
    if life.chance(chance):
        life.note(f"fault: supplier {what}")
        return True
    return False


def _percent_left(life: Life) -> int:
    is_old = _strikes(life, life.play.trouble.supplier_old_stock, "old stock")
    return keeping.percent_left(life.rng, is_old=is_old)


def _line(each: Promised, today: str) -> ReceiveLine:
    """A line of a delivery; the supplier numbers its lots by what is printed on them."""
    if not each.life_days:
        return ReceiveLine(each.variant_id, each.qty, each.unit_cost_minor, each.bin_id)
    lot = keeping.label(f"{today}-{each.percent_left}", today, each.life_days, each.percent_left)
    return ReceiveLine(
        each.variant_id, each.qty, each.unit_cost_minor, each.bin_id, lot.code, lot.expires_on, "the supplier"
    )


def _goods(tx: Tx, rows: Sequence[Asked]) -> dict[str, Any]:
    v = variant.c
    query = select(v.id, v.cost_minor, v.tracking, v.shelf_life_days)
    return {row.id: row for row in tx.rows(query.where(v.id.in_(sorted({row.variant_id for row in rows}))))}


def _bins(tx: Tx, rows: Sequence[Asked]) -> Mapping[tuple[str, str], str]:
    """By warehouse and variant the bin where most of it stands or last stood; by warehouse and "" its first bin."""
    b, at = stock_balance.c, location.c
    usable = (at.kind == "bin", at.status == "active", at.is_sellable)
    first = select(at.warehouse_id, at.id).where(*usable).order_by(at.walk_sequence.desc(), at.code.desc())
    held = (
        select(at.warehouse_id, b.variant_id, at.id)
        .join_from(stock_balance, location, at.id == b.location_id)
        .where(b.variant_id.in_(sorted({row.variant_id for row in rows})), *usable)
        .order_by(b.qty, at.walk_sequence.desc(), at.code.desc())
    )
    found: dict[tuple[str, str], str] = {}
    _keep(found, ((row.warehouse_id, "", row.id) for row in tx.rows(first)))
    _keep(found, ((row.warehouse_id, row.variant_id, row.id) for row in tx.rows(held)))
    return found


def _keep(found: dict[tuple[str, str], str], places: Any) -> None:
    """The last one of each key stays, so the best comes last."""
    for warehouse_id, variant_id, place in places:
        found[warehouse_id, variant_id] = place
