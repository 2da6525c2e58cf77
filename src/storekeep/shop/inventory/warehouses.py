"""The facts of a warehouse that promises are made from: its time zone, its cut-off, where it stands."""

from dataclasses import dataclass
from zoneinfo import available_timezones

from sqlalchemy import select, update

from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.errors import UnknownLocation
from storekeep.shop.inventory.place import WarehouseDraft
from storekeep.shop.inventory.tables import location, warehouse


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


def load(tx: Tx, warehouse_id: str) -> Warehouse:
    """One warehouse; `UnknownLocation` when there is none with this id."""
    row = tx.first(select(*_COLUMNS).where(warehouse.c.id == warehouse_id))
    if row is None:
        raise UnknownLocation("there is no such warehouse")
    return Warehouse(**row._mapping)


def add(tx: Tx, draft: WarehouseDraft) -> str:
    """Open another warehouse; returns its id. Raises `Invalid`, and `Conflict` for a code that is taken."""
    checked = _checked(draft)
    code = checked.code
    if tx.scalar(select(warehouse.c.id).where(warehouse.c.code == code)) is not None:
        raise Conflict(f"there is a warehouse {code} already")
    if tx.scalar(select(location.c.id).where(location.c.code.startswith(f"{code}-", autoescape=True)).limit(1)):
        raise Conflict(f"codes that begin with {code}- are those of other places; choose another code")
    return locations.open_warehouse(tx, checked)


def change(tx: Tx, warehouse_id: str, draft: WarehouseDraft) -> None:
    """Change everything but the code. Promises and labels made from now on follow. Raises `Invalid`."""
    before, checked = load(tx, warehouse_id), _checked(draft)
    names = ("name", "timezone", "country", "postcode", "cutoff_hour")
    values = {name: getattr(checked, name) for name in names if getattr(checked, name) != getattr(before, name)}
    if values:
        tx.run(update(warehouse).where(warehouse.c.id == warehouse_id).values(values))
        was = {name: getattr(before, name) for name in values}
        audit.record(tx, [audit.Entry("warehouse.changed", "warehouse", warehouse_id, was, values)])


def _checked(draft: WarehouseDraft) -> WarehouseDraft:
    """The draft as it is kept; `Invalid` names what does not fit."""
    code, name, country = draft.code.strip().upper(), draft.name.strip(), draft.country.strip().upper()
    if not (0 < len(code) <= 20 and all(char.isascii() and (char.isalnum() or char in "-_") for char in code)):
        raise Invalid("code", "a code has 1 to 20 letters, digits, - or _")
    if not name or len(name) > 80:
        raise Invalid("name", "a name has 1 to 80 characters")
    if not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise Invalid("country", "a country has two letters, like AT")
    if draft.timezone not in available_timezones():
        raise Invalid("timezone", f"there is no time zone {draft.timezone[:40]}; write it like Europe/Vienna")
    if not 0 <= draft.cutoff_hour <= 23:
        raise Invalid("cutoff_hour", "the cut-off is an hour from 0 to 23")
    return WarehouseDraft(code, name, draft.timezone, country, draft.postcode.strip()[:20], draft.cutoff_hour)
