"""The facts of a warehouse that promises are made from: its time zone, its cut-off, where it stands."""

from dataclasses import dataclass

from sqlalchemy import select

from storekeep.kernel.db import Tx
from storekeep.shop.inventory.errors import UnknownLocation
from storekeep.shop.inventory.tables import warehouse


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A warehouse; `cutoff_hour` is local to `timezone`."""

    id: str
    code: str
    name: str
    timezone: str
    country: str
    postcode: str
    cutoff_hour: int


_COLUMNS = [warehouse.c[name] for name in Warehouse.__slots__]


def main(tx: Tx) -> Warehouse:
    """The warehouse that was opened first; `UnknownLocation` in a shop that has none yet."""
    row = tx.first(select(*_COLUMNS).order_by(warehouse.c.id).limit(1))
    if row is None:
        raise UnknownLocation("no warehouse has been opened yet")
    return Warehouse(**row._mapping)
