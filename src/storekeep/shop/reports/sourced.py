"""Why an order's goods come from where they come from, told from the rows that were kept when it was decided."""

from dataclasses import dataclass

from sqlalchemy import func, select

from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.shop.inventory.tables import sourcing_choice, warehouse


@dataclass(frozen=True, slots=True)
class Offer:
    """A warehouse as it stood to the choice, in units: what it could have sent of what was wanted, and what it sends.

    `parcel_minor` and `distance` are those of its parcel to this buyer (see `destination.far`).
    """

    warehouse_id: str
    name: str
    could: int
    sends: int
    parcel_minor: int
    distance: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice between warehouses; `wanted` in units."""

    rule: str
    is_held: bool
    decided_at: Instant
    wanted: int
    offers: tuple[Offer, ...]

    @property
    def senders(self) -> int:
        return sum(offer.sends > 0 for offer in self.offers)

    @property
    def whole(self) -> int:
        """Warehouses that could have sent everything alone."""
        return sum(offer.could == self.wanted for offer in self.offers)


def choices_of(tx: Tx, order_id: str) -> list[Choice]:
    """The choices of an order, the first one first; none where only one warehouse had any of the goods."""
    c, w = sourcing_choice.c, warehouse.c
    could = func.sum(func.least(c.free, c.wanted) if tx.dialect == "postgresql" else func.min(c.free, c.wanted))
    query = (
        select(c.round_id, c.rule, c.is_held, c.decided_at, func.sum(c.wanted).label("wanted"), c.warehouse_id, w.name,
               could.label("could"), func.sum(c.taken).label("sends"), c.parcel_minor, c.distance)
        .join_from(sourcing_choice, warehouse, w.id == c.warehouse_id)
        .where(c.order_id == order_id)
        .group_by(c.round_id, c.rule, c.is_held, c.decided_at, c.warehouse_id, w.name, c.parcel_minor, c.distance)
        .order_by(c.round_id, func.sum(c.taken).desc(), w.name)
    )  # fmt: skip
    rounds: dict[str, list[Offer]] = {}
    heads = {}
    for row in tx.rows(query):
        heads[row.round_id] = (row.rule, row.is_held, row.decided_at, int(row.wanted))
        rounds.setdefault(row.round_id, []).append(
            Offer(row.warehouse_id, row.name, int(row.could), int(row.sends), row.parcel_minor, row.distance)
        )
    return [Choice(*heads[each], tuple(offers)) for each, offers in rounds.items()]
