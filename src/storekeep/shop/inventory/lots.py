"""Lots: goods that were made together, found or made when they arrive, and the rules of their codes and dates.

What may be sold of a lot is decided by its status alone (`lot_status.py`); its dates decide the order of picking.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from storekeep.kernel import lifecycle, prepared
from storekeep.kernel.bulk import among, listed
from storekeep.kernel.clock import Instant, day_of
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.catalog.tables import variant
from storekeep.shop.inventory import store
from storekeep.shop.inventory.errors import UnknownLot
from storekeep.shop.inventory.model import NO_LOT
from storekeep.shop.inventory.states import LOT
from storekeep.shop.inventory.tables import lot, stock_balance, warehouse

#: Why a lot is on hold that was found in the house.
FOUND = "found in a count; nobody had booked it in"
_CODE = re.compile(r"[0-9A-Z][0-9A-Z./_+-]{0,39}")
_KEPT = (
    select(lot.c.id, lot.c.variant_id, lot.c.status)
    .where(among(lot.c.id, listed("ids")))
    .order_by(lot.c.id)
    .with_for_update(read=True)
)
_LYING = (
    select(stock_balance.c.variant_id, stock_balance.c.location_id, stock_balance.c.lot_id, variant.c.sku, lot.c.code)
    .join_from(stock_balance, variant, (variant.c.id == stock_balance.c.variant_id) & (variant.c.tracking == "lot"))
    .outerjoin(lot, lot.c.id == stock_balance.c.lot_id)
    .where(
        among(stock_balance.c.variant_id, listed("variants")), among(stock_balance.c.location_id, listed("places")),
        stock_balance.c.qty > 0,
    )
    .order_by(lot.c.expires_on, lot.c.code)
)  # fmt: skip
_ZONES = select(warehouse.c.id, warehouse.c.timezone).where(among(warehouse.c.id, listed("ids")))
_BY_CODE = select(lot).where(among(lot.c.variant_id, listed("variants")), among(lot.c.code, listed("codes")))


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot; `expires_on` (like 2027-03-31) is the last day on which it may be sold, None when it keeps."""

    id: str
    variant_id: str
    code: str
    expires_on: str | None
    received_at: Instant
    supplier: str | None
    status: str
    status_reason: str
    status_since: Instant

    @property
    def is_good(self) -> bool:
        """Whether its units count as on hand where they are sold from."""
        return self.status == "ok"


@dataclass(frozen=True, slots=True)
class NewLot:
    """A lot as it was written on a delivery; `path` names the field that a refusal points at."""

    variant_id: str
    code: str
    expires_on: str | None = None
    supplier: str | None = None
    path: str = ""


def clean_code(typed: str, path: str = "lot_code") -> str:
    """The one form of a lot's code: trimmed and in capitals. `Invalid` for what no label carries."""
    code = typed.strip().upper()
    if not _CODE.fullmatch(code):
        raise Invalid(path, "a lot code has 1 to 40 letters, digits or . / _ + -, and no blanks")
    return code


def clean_day(typed: str, path: str = "expires_on") -> str:
    """A day like 2027-03-31; `Invalid` for anything else, 31 February included."""
    text = typed.strip()
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise Invalid(path, f"{text[:20] or 'nothing'} is not a day; write it like 2027-03-31")
    return text


def tracked(tx: Tx, variant_ids: Collection[str]) -> set[str]:
    """Those of these variants that are told apart by lot."""
    if not variant_ids:
        return set()
    rows = tx.rows(prepared.rows_of(variant, "id", "id", "tracking"), {"wanted": sorted(variant_ids)})
    return {row.id for row in rows if row.tracking == "lot"}


def load(tx: Tx, lot_ids: Collection[str]) -> dict[str, Lot]:
    """These lots by id; `UnknownLot` names the first that does not exist."""
    rows = tx.rows(select(lot).where(among(lot.c.id, sorted(set(lot_ids)))))
    found = {row.id: Lot(**row._mapping) for row in rows}
    for lot_id in lot_ids:
        if lot_id not in found:
            raise UnknownLot(f"there is no lot {lot_id}")
    return found


def by_code(tx: Tx, variant_id: str, code: str) -> Lot:
    """The lot of a variant with this code, however it was typed."""
    c = lot.c
    row = tx.first(select(lot).where(c.variant_id == variant_id, c.code == code.strip().upper()))
    if row is None:
        raise UnknownLot(f"there is no lot {code.strip()[:40] or '(empty)'} of this variant")
    return Lot(**row._mapping)


def withheld(tx: Tx, variant_of: Mapping[str, str]) -> frozenset[str]:
    """Those of these lots that are not good, their statuses kept as they are until the end of the transaction.

    Asks nothing when there is no lot. `Invalid` when a lot is not one of the variant that it is named for.
    """
    if not variant_of:
        return frozenset()
    rows = {row.id: row for row in tx.rows(_KEPT, {"ids": sorted(variant_of)})}
    for lot_id, variant_id in variant_of.items():
        if lot_id not in rows:
            raise UnknownLot(f"there is no lot {lot_id}")
        if rows[lot_id].variant_id != variant_id:
            raise Invalid("lot", "this lot is one of another variant")
    return frozenset(lot_id for lot_id, row in rows.items() if row.status != "ok")


def named(tx: Tx, units: Sequence[tuple[str, str, str | None]]) -> list[str | None]:
    """The lot of each (variant, place, lot or None): what is not said is the one lot that lies there.

    Only variants that track lots need one. `Invalid` names the lots when several lie there.
    """
    open_ones = [(variant_id, place) for variant_id, place, lot_id in units if lot_id is None]
    if not open_ones:
        return [lot_id for _, _, lot_id in units]
    lying: dict[store.Key, list[Any]] = {}
    asked = {"variants": sorted({v for v, _ in open_ones}), "places": sorted({at for _, at in open_ones})}
    for row in tx.rows(_LYING, asked):
        lying.setdefault((row.variant_id, row.location_id), []).append(row)
    chosen: list[str | None] = []
    for variant_id, place, lot_id in units:
        here = lying.get((variant_id, place), []) if lot_id is None else []
        if len(here) > 1:
            codes = ", ".join(row.code or "units without a lot" for row in here)
            raise Invalid("lot", f"{here[0].sku} lies there in several lots ({codes}); say which one")
        chosen.append(here[0].lot_id if here and here[0].lot_id != NO_LOT else lot_id)
    return chosen


def today(tx: Tx, warehouse_ids: Collection[str]) -> dict[str, str]:
    """The day that it is now in each of these warehouses."""
    return {row.id: day_of(tx.now, row.timezone) for row in tx.rows(_ZONES, {"ids": sorted(set(warehouse_ids))})}


def plus_days(day: str, days: int) -> str:
    """The day so many days later; the last day that can be written when there is none."""
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except OverflowError:
        return date.max.isoformat()


def first_days(tx: Tx, keys: Collection[store.Key]) -> dict[store.Key, str]:
    """By (variant, warehouse) the earliest expiry that may still be sent: today and the days that the variant asks."""
    days = today(tx, {warehouse_id for _, warehouse_id in keys})
    v = variant.c
    query = select(v.id, v.min_days_at_ship).where(among(v.id, sorted({variant_id for variant_id, _ in keys})))
    least = {row.id: row.min_days_at_ship for row in tx.rows(query)}
    return {(one, house): plus_days(days[house], least[one]) for one, house in keys}


def open_lots(tx: Tx, wanted: Sequence[NewLot], warehouse_id: str) -> list[Lot]:
    """Find or make the lots of a delivery, in order. The same lot twice is one lot.

    A lot that has fewer days left than its variant asks for is made on hold. Raises `Invalid` for a code or day that
    cannot be, a day that has passed, one beyond the shelf life, and a second expiry for a known lot.
    """
    return _open(tx, wanted, warehouse_id, arrives=True) if wanted else []


def found(tx: Tx, one: NewLot, warehouse_id: str) -> Lot:
    """The lot that stands on goods which lie in the house already. One that nobody booked in is made on hold.

    It may have expired, and is expired then. Refuses what `open_lots` refuses, but for a day that has passed.
    """
    return _open(tx, [one], warehouse_id, arrives=False)[0]


def _open(tx: Tx, wanted: Sequence[NewLot], warehouse_id: str, *, arrives: bool) -> list[Lot]:
    day = today(tx, [warehouse_id])[warehouse_id]
    v = variant.c
    query = select(v.id, v.sku, v.shelf_life_days, v.min_days_at_ship)
    facts = {row.id: row for row in tx.rows(query.where(among(v.id, sorted({one.variant_id for one in wanted}))))}
    keys = [(one.variant_id, clean_code(one.code, f"{one.path}lot_code")) for one in wanted]
    known = _known(tx, keys)
    fresh: dict[store.Key, dict[str, Any]] = {}
    expiries: dict[store.Key, str | None] = {key: one.expires_on for key, one in known.items()}
    for key, one in zip(keys, wanted, strict=True):
        expires_on = _expiry(one, facts[one.variant_id], day, key, expiries, arrives=arrives)
        if key not in expiries:
            expiries[key] = expires_on
            least = facts[one.variant_id].min_days_at_ship
            status = _at_the_door(expires_on, least, day) if arrives else _on_the_shelf(expires_on, day)
            fresh[key] = _row(tx, key, one, expires_on, *status)
    if fresh:
        names = tuple(next(iter(fresh.values())))
        store.insert_missing(tx, lot, names, [tuple(row.values()) for row in fresh.values()], {})
        known |= _known(tx, list(fresh))
        made = [row for key, row in fresh.items() if known[key].id == row["id"]]
        for status in sorted({row["status"] for row in made}):
            lifecycle.begin(tx, LOT, [row["id"] for row in made if row["status"] == status], status)
    return [known[key] for key in keys]


def _known(tx: Tx, keys: Sequence[store.Key]) -> dict[store.Key, Lot]:
    asked = {"variants": sorted({v for v, _ in keys}), "codes": sorted({code for _, code in keys})}
    found = (Lot(**row._mapping) for row in tx.rows(_BY_CODE, asked))
    return {(one.variant_id, one.code): one for one in found if (one.variant_id, one.code) in set(keys)}


def _expiry(
    one: NewLot, facts: Any, day: str, key: store.Key, expiries: Mapping[store.Key, str | None], *, arrives: bool
) -> str | None:
    """The expiry that a lot of a delivery has, checked against the calendar and against what is known of the lot."""
    path = f"{one.path}expires_on"
    said = clean_day(one.expires_on, path) if one.expires_on and one.expires_on.strip() else None
    if key in expiries:
        if said is not None and said != expiries[key]:
            before = f"expires on {expiries[key]}" if expiries[key] else "was booked in without an expiry"
            raise Invalid(path, f"lot {key[1]} of {facts.sku} {before}; {said} cannot be right as well")
        said = expiries[key]
    elif said is None:
        if facts.shelf_life_days is not None:
            raise Invalid(path, f"{facts.sku} keeps {facts.shelf_life_days} days: its lots need their expiry")
        return None
    if arrives and said is not None and said < day:
        raise Invalid(path, f"lot {key[1]} of {facts.sku} expired on {said}, before it arrived; do not take it in")
    if key in expiries or said is None or facts.shelf_life_days is None:
        return said
    if said > (latest := plus_days(day, facts.shelf_life_days)):
        raise Invalid(path, f"{facts.sku} keeps {facts.shelf_life_days} days, so no lot of it lasts beyond {latest}")
    return said


def _at_the_door(expires_on: str | None, least: int, day: str) -> tuple[str, str]:
    """The status of a lot that arrives, and why."""
    if expires_on is not None and expires_on < plus_days(day, least):
        return "quarantined", f"fewer than {least} days were left when it arrived"
    return "ok", ""


def _on_the_shelf(expires_on: str | None, day: str) -> tuple[str, str]:
    """The status of a lot that was found: nobody knows where it came from, so somebody has to look at it first."""
    if expires_on is not None and expires_on < day:
        return "expired", "its last day had passed when it was found in a count"
    return "quarantined", FOUND


def _row(
    tx: Tx, key: store.Key, one: NewLot, expires_on: str | None, status: str, why: str
) -> dict[str, Any]:
    return {
        "id": tx.new_id(),
        "variant_id": key[0],
        "code": key[1],
        "expires_on": expires_on,
        "received_at": tx.now,
        "supplier": (one.supplier or "").strip()[:200] or None,
        "status": status,
        "status_reason": why,
        "status_since": tx.now,
    }
