"""A transfer as its page shows it."""

from dataclasses import dataclass
from typing import Any

from storekeep.kernel.db import Tx
from storekeep.shop.catalog.lookups import variants_by_ids
from storekeep.shop.inventory import crossing, lots, warehouses
from storekeep.shop.inventory.crossing import Source
from storekeep.shop.inventory.warehouses import Warehouse
from storekeep.shop.reports import console_floor, console_lots
from storekeep.shop.transfers import queries
from storekeep.shop.transfers.model import Line
from storekeep.shop.transfers.states import AT_SENDER


@dataclass(frozen=True, slots=True)
class LineView:
    """A line with its goods; `sources` are where free units stand at the sender's."""

    line: Line
    sku: str
    title: str
    picture: Any
    sources: tuple[Source, ...]
    is_tracked: bool


@dataclass(frozen=True, slots=True)
class TransferView:
    """One transfer with everything its page needs."""

    row: Any
    start: Warehouse
    end: Warehouse
    lines: tuple[LineView, ...]
    differences: tuple[tuple[Any, str], ...]

    @property
    def on_the_way(self) -> int:
        return sum(each.line.on_the_way for each in self.lines)

    @property
    def loaded(self) -> int:
        return sum(each.line.sent for each in self.lines)


def load(tx: Tx, transfer_id: str) -> TransferView:
    """Raises `UnknownTransfer`."""
    row = queries.load(tx, transfer_id)
    lines = queries.lines_of(tx, transfer_id)
    ids = [line.variant_id for line in lines]
    facts, pictures, tracked = variants_by_ids(tx, ids), console_floor.pictures_of(tx, ids), lots.tracked(tx, set(ids))
    sources = crossing.sources(tx, row.from_warehouse_id, ids) if row.status in AT_SENDER else {}
    shown = tuple(
        LineView(line, facts[line.variant_id].sku, facts[line.variant_id].full_title, pictures.get(line.variant_id),
                 tuple(sources.get(line.variant_id, ())[:3]), line.variant_id in tracked)
        for line in lines
    )  # fmt: skip
    differences = tuple((each, facts[each.variant_id].sku) for each in queries.differences(tx, transfer_id))
    start, end = warehouses.load(tx, row.from_warehouse_id), warehouses.load(tx, row.to_warehouse_id)
    return TransferView(row, start, end, shown, differences)


def lot_named(tx: Tx, variant_id: str, code: str) -> str | None:
    """The id of a variant's lot by its code; None when there is none."""
    found = [each.lot for each in console_lots.lots_of(tx, variant_id, with_empty=True)]
    return next((each.id for each in found if each.code == code.strip().upper()), None)
