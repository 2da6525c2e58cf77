"""What to order: looked at every night and on demand, decided by people, ordered in one step.

Reading and writing are transactions of their own, and the forecasting between them holds neither.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from storekeep.flows import purchase, supply
from storekeep.kernel import settings
from storekeep.kernel.clock import latest_hour
from storekeep.kernel.db import Database, Tx
from storekeep.shop.purchasing.model import Want
from storekeep.shop.replenishment import policies, queries, suggestions
from storekeep.shop.replenishment.model import (
    AUTO_LIMIT,
    LEAD_DAYS,
    LEAD_SETTING,
    Facts,
    Item,
    Pick,
    TargetKind,
    Terms,
)
from storekeep.shop.replenishment.suggestions import Kept
from storekeep.shop.reports import demand
from storekeep.shop.site import profile

if TYPE_CHECKING:
    from storekeep.shop.replenishment.shopwide import Proof

#: Local hour from which on a night's run is due.
NIGHT_HOUR = 3


@dataclass(frozen=True, slots=True)
class Ordered:
    """Lines that were ordered, their units and value in minor units at the cost known then, and the drafts written."""

    lines: int
    units: int
    value_minor: int
    order_ids: tuple[str, ...] = ()


def gather(tx: Tx) -> Facts:
    """Everything that a run must know, in one snapshot; a handful of set-based reads whatever the number of SKUs."""
    zone = profile.load(tx).timezone
    stocked = demand.shelves(tx)
    supplied = supply.known(tx, [one.key[0] for one in stocked])
    own = policies.own(tx)
    items = [
        Item(
            one.key, one.sku, one.category_id, one.price_minor,
            replace(one.shelf, on_order=supplied.on_order.get(one.key, 0)),
            supplied.terms.get(one.key[0], Terms(unit_cost_minor=one.cost_minor)), own.get(one.key), one.reorder,
        )
        for one in stocked
    ]  # fmt: skip
    lead = int(settings.read(tx, LEAD_SETTING, LEAD_DAYS))
    return Facts(tx.now, demand.history(tx, zone), items, policies.defaults(tx), supplied.deliveries, lead)


def suggest(
    db: Database, command_id: str, *, actor: str = "worker", then: Callable[[Tx], object] | None = None
) -> Kept:
    """Look at every variant and make the open suggestions those of today. See `suggestions.keep`.

    Running it twice changes nothing; the same command answers what it did the first time. What `then` does with the
    suggestions is done with them or not at all.
    """
    from storekeep.shop.replenishment import advice  # loads numpy

    with db.read() as tx:
        before = suggestions.run_of(tx, command_id)
        facts = gather(tx) if before is None else None
    if before is not None or facts is None:
        return before or _never()
    advised = advice.advise(facts)
    with db.begin(actor=actor) as tx:
        kept = suggestions.keep(tx, advised, facts.history.until_day, command_id)
        if then is not None:
            then(tx)
    return kept


def _never() -> Kept:
    raise AssertionError("a run that has not happened has no answer")


def nightly(db: Database) -> Kept | None:
    """The night's run when it is due: once after 3 o'clock, shop time. Then what may be ordered without a click is."""
    with db.read() as tx:
        zone = profile.load(tx).timezone
        due = latest_hour(tx.now, zone, NIGHT_HOUR)
        last = queries.last_run(tx)
    if last is not None and last.ran_at >= due:
        return None
    command = f"night:{due}"
    return suggest(db, command, then=lambda tx: order_within_limit(tx, command))


def order(tx: Tx, picks: Sequence[Pick], command_id: str) -> Ordered:
    """Order these suggestions, as suggested or in another quantity, all or none: a draft per warehouse and supplier.

    A line that nobody sells us is marked as ordered, without a draft. Idempotent by `command_id`.
    Raises `Invalid` for a quantity that cannot be and `Conflict` for a line that was decided or replaced meanwhile.
    """
    taken = suggestions.take(tx, picks, command_id)
    wants: dict[str, list[Want]] = {}
    for row in taken:
        if row.supplier_id is not None:
            wants.setdefault(row.warehouse_id, []).append(Want(row.variant_id, row.taken_qty))
    made = [
        purchase.create_per_supplier(tx, home, each, f"{command_id}:{home}", note="from the restock board")
        for home, each in sorted(wants.items())
    ]
    return Ordered(
        len(taken), sum(row.taken_qty for row in taken), sum(row.taken_qty * row.unit_cost_minor for row in taken),
        tuple(order_id for each in made for order_id in each.order_ids),
    )  # fmt: skip


def order_within_limit(tx: Tx, command_id: str) -> list[Ordered]:
    """Order and send what a supplier is to bring when all of it costs no more than the owner's limit (setting; off by
    default). Lines without a supplier, and those that ask a person, are left on the board."""
    limit = int(settings.read(tx, AUTO_LIMIT, 0) or 0)
    if limit <= 0:
        return []
    cost, asks = Counter[str](), Counter[str]()
    for group in queries.groups(tx):
        if group.supplier_id is not None:
            cost[group.supplier_id] += group.value_minor
            asks[group.supplier_id] += group.to_ask
    picks: dict[str, list[Pick]] = {one: [] for one in cost if cost[one] <= limit and not asks[one]}
    for row in queries.open_of(tx, supplier_ids=list(picks)):
        picks[row.supplier_id].append(Pick(row.id, row.qty))
    done = []
    # Each supplier is a command, and each of its orders a document with a mail of its own: a shop buys from tens of
    # them, once a night.
    for supplier_id, some in picks.items():
        ordered = order(tx, some, f"{command_id}:{supplier_id}")
        for order_id in ordered.order_ids:
            purchase.approve(tx, order_id, f"{command_id}:{order_id}", reason="within the limit that the owner set")
            purchase.send(tx, order_id, f"{command_id}:{order_id}")
        done.append(ordered)
    return done


@dataclass(frozen=True, slots=True)
class Asked:
    """What a proof is asked: the wanted service, the weeks of cover to compare with, and one variant or the shop."""

    kind: TargetKind = "fill"
    target_bp: int = 9500
    weeks_of_cover: int = 8
    variant_id: str | None = None


def prove(tx: Tx, asked: Asked) -> "Proof | None":
    """Play the shop's last weeks with the forecast rule and with so many weeks of cover; None: too little is known.

    Levels are learned from all variants, whatever is counted. All lead times are the shop's usual one, in whole weeks.
    """
    from storekeep.shop.replenishment import advice, forecast, shopwide  # loads numpy

    past = demand.history(tx, profile.load(tx).timezone)
    keys = sorted(past.units)
    if not keys:
        return None
    grid = advice.grid_of(past, keys)
    lead = int(settings.read(tx, LEAD_SETTING, LEAD_DAYS))
    rows = None if asked.variant_id is None else [key[0] == asked.variant_id for key in keys]
    return shopwide.prove(
        forecast.tsb(grid.demand, grid.masked), grid.demand, (asked.kind, asked.target_bp),
        weeks_of_cover=asked.weeks_of_cover, lead=max(1, round(lead / 7)), rows=rows,
    )  # fmt: skip
