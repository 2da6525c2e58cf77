"""The SQL under the verbs: locks in key order, reserved and assigned units, reservation rows, for two dialects.

A row of `availability` is also the lock of its reservations: whoever changes a reservation holds that row first, so
on PostgreSQL two sessions meet there, in key order, and nowhere else. On SQLite there is one writer at a time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Table, and_, select
from sqlalchemy.dialects import postgresql

from storekeep.kernel.bulk import among, listed
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.kernel.jsontext import dump
from storekeep.kernel.schema import Id
from storekeep.shop.catalog.tables import variant
from storekeep.shop.inventory.errors import GuardFailed, UnknownVariant
from storekeep.shop.inventory.model import NO_LOT
from storekeep.shop.inventory.states import RESERVATION
from storekeep.shop.inventory.tables import availability, reservation, stock_balance

Key = tuple[str, str]
#: Variant, location and lot (`NO_LOT` for goods without one).
BalanceKey = tuple[str, str, str]
ReservationRow = dict[str, Any]

#: The columns of a reservation that may change after it was made.
CHANGEABLE = (
    "qty", "status", "order_id", "order_line_id", "fulfillment_line_id", "location_id", "lot_id",
    "release_reason", "expires_at", "updated_at", "warehouse_id",
)  # fmt: skip

_COLUMNS = tuple(column.name for column in reservation.columns)
_POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]

_STOCK = {
    "sqlite": (
        "SELECT variant_id, warehouse_id, on_hand_sellable, reserved, buffer FROM availability WHERE variant_id IN "
        "(SELECT value FROM json_each(?) UNION SELECT variant_id FROM reservation "
        "WHERE cart_id IN (SELECT value FROM json_each(?)) AND status IN ('cart', 'ahead'))"
    ),
    "postgresql": (
        "SELECT variant_id::text, warehouse_id::text, on_hand_sellable, reserved, buffer FROM availability "
        "WHERE variant_id IN (SELECT unnest(%s::uuid[]) UNION SELECT variant_id FROM reservation "
        "WHERE cart_id = ANY(%s::uuid[]) AND status IN ('cart', 'ahead')) ORDER BY variant_id, warehouse_id FOR UPDATE"
    ),
}
_CHANGE = {
    "sqlite": (
        "UPDATE availability SET on_hand_sellable = on_hand_sellable + ?, reserved = reserved + ?, "
        "version = version + 1 WHERE variant_id = ? AND warehouse_id = ? "
        "AND (? <= 0 OR on_hand_sellable - reserved - buffer >= ?)"
    ),
    "postgresql": (
        "UPDATE availability a SET on_hand_sellable = a.on_hand_sellable + d.o, reserved = a.reserved + d.r, "
        "version = a.version + 1 FROM unnest(%s::bigint[], %s::bigint[], %s::uuid[], %s::uuid[], %s::bigint[]) "
        "AS d(o, r, v, w, g) WHERE a.variant_id = d.v AND a.warehouse_id = d.w "
        "AND (d.g <= 0 OR a.on_hand_sellable - a.reserved - a.buffer >= d.g)"
    ),
}
#: By whole keys: lists apart would look for every variant in every bin of the batch. An id has 36 characters.
_BALANCES = {
    "sqlite": (
        "SELECT b.variant_id, b.location_id, b.lot_id, b.qty, b.assigned FROM json_each(?) AS k "
        "CROSS JOIN stock_balance AS b ON b.variant_id = substr(k.value, 1, 36) "
        "AND b.location_id = substr(k.value, 37, 36) AND b.lot_id = substr(k.value, 73)"
    ),
    "postgresql": (
        "SELECT b.variant_id::text, b.location_id::text, b.lot_id::text, b.qty, b.assigned FROM stock_balance AS b "
        "JOIN unnest(%s::uuid[], %s::uuid[], %s::uuid[]) AS k(v, at, lot) ON b.variant_id = k.v "
        "AND b.location_id = k.at AND b.lot_id = k.lot ORDER BY b.variant_id, b.location_id, b.lot_id FOR UPDATE OF b"
    ),
}
_SKUS = select(variant.c.id, variant.c.sku, variant.c.tracking, variant.c.is_kit).where(
    among(variant.c.id, listed("ids"))
)
_AS_TEXT = [f"{c.name}::text" if isinstance(c.type, Id) else c.name for c in reservation.columns]
_BY_OWNER = {
    "sqlite": (
        f"SELECT {', '.join(_COLUMNS)} FROM reservation "  # noqa: S608
        "WHERE cart_id IN (SELECT value FROM json_each(?)) AND status IN ('cart', 'ahead') "
        f"UNION ALL SELECT {', '.join(_COLUMNS)} FROM reservation "
        "WHERE order_id IN (SELECT value FROM json_each(?)) ORDER BY id"
    ),
    "postgresql": (
        f"SELECT {', '.join(_AS_TEXT)} FROM reservation "  # noqa: S608
        "WHERE cart_id = ANY(%s::uuid[]) AND status IN ('cart', 'ahead') "
        f"UNION ALL SELECT {', '.join(_AS_TEXT)} FROM reservation WHERE order_id = ANY(%s::uuid[]) ORDER BY id"
    ),
}


def raw(tx: Tx, statement: str, params: Any) -> CursorResult[Any]:
    """Run driver SQL; a list of tuples is one `executemany`."""
    return tx.conn.exec_driver_sql(statement, params)


def many(tx: Tx, values: Sequence[Any]) -> Any:
    """A list as one parameter: JSON text for `json_each`, an array for `unnest`."""
    return dump(list(values)) if tx.dialect == "sqlite" else list(values)


# --- availability -----------------------------------------------------------------------------------------------------


class Stock:
    """The locked availability of some variants, held in memory while a batch decides; `deltas` are written once."""

    __slots__ = ("deltas", "free")

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        self.free: dict[str, dict[str, int]] = {}
        self.deltas: dict[Key, int] = {}
        for variant_id, warehouse_id, on_hand, reserved, buffer in rows:
            self.free.setdefault(variant_id, {})[warehouse_id] = on_hand - reserved - buffer

    def take(self, variant_id: str, warehouse_id: str, qty: int) -> None:
        """Reserve units; a negative quantity gives them back."""
        self.free[variant_id][warehouse_id] -= qty
        key = (variant_id, warehouse_id)
        self.deltas[key] = self.deltas.get(key, 0) + qty


def lock_stock(tx: Tx, variant_ids: Sequence[str], cart_ids: Sequence[str] = ()) -> Stock:
    """Lock the availability of these variants, and of what these carts hold, in key order."""
    params = (many(tx, sorted(set(variant_ids))), many(tx, sorted(set(cart_ids))))
    return Stock(cast("Sequence[Sequence[Any]]", raw(tx, _STOCK[tx.dialect], params).all()))


def change_availability(tx: Tx, changes: Mapping[Key, tuple[int, int]], *, guarded: bool) -> None:
    """Add (on hand, reserved) to each row in one statement. Guarded, more reserved needs as many free units."""
    rows = [(o, r, v, w, r if guarded else 0) for (v, w), (o, r) in sorted(changes.items()) if o or r]
    if not rows:
        return
    if tx.dialect == "sqlite":
        done = raw(tx, _CHANGE["sqlite"], [(o, r, v, w, g, g) for o, r, v, w, g in rows])
    else:
        done = raw(tx, _CHANGE["postgresql"], tuple([row[n] for row in rows] for n in range(5)))
    if done.rowcount != len(rows):
        raise GuardFailed(f"{len(rows) - done.rowcount} of {len(rows)} availability rows refused their change")


def change_reserved(tx: Tx, deltas: Mapping[Key, int], *, guarded: bool = False) -> None:
    """Add to `reserved`; the goods themselves stay where they are."""
    change_availability(tx, {key: (0, units) for key, units in deltas.items()}, guarded=guarded)


def ensure_availability(tx: Tx, keys: Sequence[Key]) -> None:
    """Make the rows that do not exist yet, empty."""
    if not keys:
        return
    ids = sorted({v for v, _ in keys})
    query = select(availability.c.variant_id, availability.c.warehouse_id).where(among(availability.c.variant_id, ids))
    known = {(row.variant_id, row.warehouse_id) for row in tx.rows(query)}
    rows = [(v, w) for v, w in sorted(set(keys)) if (v, w) not in known]
    insert_missing(tx, availability, ("variant_id", "warehouse_id"), rows,
                   {"on_hand_sellable": 0, "reserved": 0, "buffer": 0, "version": 0})  # fmt: skip


def insert_missing(
    tx: Tx, table: Table, key: Sequence[str], rows: Sequence[tuple[str, ...]], rest: Mapping[str, Any]
) -> None:
    """Insert (key, rest) rows; those that somebody else made meanwhile stay as they are."""
    if not rows:
        return
    names = (*key, *rest)
    mark = "?" if tx.dialect == "sqlite" else "%s"
    statement = (
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(mark for _ in names)}) "  # noqa: S608
        "ON CONFLICT DO NOTHING"
    )
    raw(tx, statement, [(*row, *rest.values()) for row in rows])


# --- balances ---------------------------------------------------------------------------------------------------------


def lot_key(row: ReservationRow) -> BalanceKey:
    """The balance that a reservation with a place is given from."""
    return row["variant_id"], row["location_id"], row["lot_id"] or NO_LOT


def change_assigned(tx: Tx, deltas: Mapping[BalanceKey, int]) -> None:
    """Add to the units of (variant, location, lot) balances that fulfillment lines have been given."""
    wanted = {key: units for key, units in deltas.items() if units}
    if not wanted:
        return
    rows = lock_balances(tx, list(wanted))
    update_many(
        tx,
        stock_balance,
        ("variant_id", "location_id", "lot_id"),
        ("assigned",),
        [
            {"variant_id": v, "location_id": at, "lot_id": lot, "assigned": rows[v, at, lot][1] + n}
            for (v, at, lot), n in sorted(wanted.items())
        ],
    )


def lock_balances(tx: Tx, keys: Sequence[BalanceKey]) -> dict[BalanceKey, tuple[int, int]]:
    """(qty, assigned) of the balances that exist, locked in key order."""
    if not keys:
        return {}
    wanted = sorted(set(keys))
    if tx.dialect == "sqlite":
        params: tuple[Any, ...] = (many(tx, ["".join(key) for key in wanted]),)
    else:
        params = tuple(many(tx, [key[n] for key in wanted]) for n in range(3))
    rows = map(tuple, raw(tx, _BALANCES[tx.dialect], params).all())
    return {(variant_id, at, lot): (qty, given) for variant_id, at, lot, qty, given in rows}


# --- reservations -----------------------------------------------------------------------------------------------------


def reservations_of(tx: Tx, cart_ids: Sequence[str], order_ids: Sequence[str]) -> list[ReservationRow]:
    """The live holds of carts and every reservation of orders. Lock the stock first."""
    rows = raw(tx, _BY_OWNER[tx.dialect], (many(tx, cart_ids), many(tx, order_ids)))
    return [dict(zip(_COLUMNS, row, strict=True)) for row in rows]


def locked_reservations(tx: Tx, where: ColumnElement[bool], limit: int | None = None) -> list[ReservationRow]:
    """The reservations that answer `where`, oldest first, with their availability rows locked in key order.

    With a limit, those whose time runs out first.
    """
    if tx.dialect == "sqlite" and limit is None:  # there is one writer, and it is us
        rows = tx.rows(select(reservation).where(where).order_by(reservation.c.id))
        return [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    found = select(reservation.c.id, reservation.c.variant_id).where(where)
    first = tx.rows(found if limit is None else found.order_by(reservation.c.expires_at).limit(limit))
    if not first:
        return []
    lock_stock(tx, [row.variant_id for row in first])
    ids = [row.id for row in first]
    query = select(reservation).where(and_(among(reservation.c.id, ids), where)).order_by(reservation.c.id)
    return [dict(zip(_COLUMNS, row, strict=True)) for row in tx.rows(query)]


class Changes:
    """Reservation rows being changed in memory; `flush` writes each of them once."""

    __slots__ = ("_changed", "_made", "_rows", "_tx")

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._made: dict[str, ReservationRow] = {}
        self._rows: dict[str, ReservationRow] = {}
        #: What changed in each row beside `updated_at`: a column that is written costs its indexes and foreign keys too
        self._changed: dict[str, set[str]] = {}

    def make(self, **values: Any) -> ReservationRow:
        """A new reservation, made now."""
        now = self._tx.now
        row: ReservationRow = {
            "id": self._tx.new_id(), "cart_id": None, "order_id": None, "order_line_id": None,
            "fulfillment_line_id": None, "location_id": None, "release_reason": None, "expires_at": None,
            "created_at": now, "updated_at": now, "lot_id": None, "promised_on": None, **values,
        }  # fmt: skip
        self._made[row["id"]] = row
        return row

    def part(self, row: ReservationRow, qty: int, **sets: Any) -> ReservationRow:
        """Change `qty` units of a row, splitting it when that is not all of it; returns the changed part."""
        status = str(sets.get("status", row["status"]))
        if status != row["status"] and not RESERVATION.allows(row["status"], status):
            raise AssertionError(f"a {row['status']} reservation cannot become {status}")
        if not 0 < qty <= row["qty"]:
            raise AssertionError(f"{qty} of {row['qty']} units cannot be split off")
        whole = qty == row["qty"]
        self._touch(row, sets if whole else ("qty",))
        if whole:
            row.update(sets)
            return row
        row["qty"] -= qty
        part = {**row, **sets, "id": self._tx.new_id(), "qty": qty}
        self._made[part["id"]] = part
        return part

    def resize(self, row: ReservationRow, qty: int) -> None:
        """A cart hold grows or shrinks in place."""
        self._touch(row, ("qty", "expires_at"))
        row["qty"] = qty

    def _touch(self, row: ReservationRow, names: Iterable[str]) -> None:
        row["updated_at"] = self._tx.now
        if row["id"] not in self._made:
            self._rows[row["id"]] = row
            self._changed.setdefault(row["id"], set()).update(names)

    def flush(self) -> None:
        alike: dict[tuple[str, ...], list[ReservationRow]] = {}
        for row_id, names in self._changed.items():
            columns = tuple(name for name in CHANGEABLE if name in names or name == "updated_at")
            alike.setdefault(columns, []).append(self._rows[row_id])
        for columns, rows in alike.items():
            update_many(self._tx, reservation, ("id",), columns, rows)
        made = list(self._made.values())
        if made:
            self._tx.insert_many(reservation, made)
        self._changed, self._rows, self._made = {}, {}, {}


# --- general ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _update_statement(table: Table, keys: tuple[str, ...], sets: tuple[str, ...], dialect: str) -> str:
    if dialect == "sqlite":
        values, where = ", ".join(f"{n} = ?" for n in sets), " AND ".join(f"{n} = ?" for n in keys)
        return f"UPDATE {table.name} SET {values} WHERE {where}"  # noqa: S608
    names = (*sets, *keys)
    arrays = ", ".join(f"%s::{table.c[n].type.compile(dialect=_POSTGRES)}[]" for n in names)
    values, where = ", ".join(f"{n} = d.{n}" for n in sets), " AND ".join(f"t.{n} = d.{n}" for n in keys)
    return f"UPDATE {table.name} t SET {values} FROM unnest({arrays}) AS d({', '.join(names)}) WHERE {where}"  # noqa: S608


def update_many(
    tx: Tx, table: Table, keys: tuple[str, ...], sets: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Write absolute values to rows that this transaction has locked, in one round trip."""
    if not rows:
        return
    names, statement = (*sets, *keys), _update_statement(table, keys, sets, tx.dialect)
    laid: Callable[[], Any] = (
        (lambda: [tuple([row[n] for n in names]) for row in rows])
        if tx.dialect == "sqlite"
        else (lambda: tuple([row[n] for row in rows] for n in names))
    )
    raw(tx, statement, laid())


def skus(tx: Tx, variant_ids: Sequence[str]) -> dict[str, str]:
    """The SKU of each variant; `UnknownVariant` names the first that does not exist."""
    return {variant_id: row.sku for variant_id, row in variants(tx, variant_ids).items()}


def variants(tx: Tx, variant_ids: Sequence[str]) -> dict[str, Any]:
    """SKU and tracking of variants whose goods are moved. `UnknownVariant` names the first that does not exist, and
    `Invalid` one that is a kit: it has no goods of its own."""
    wanted = sorted(set(variant_ids))
    found = {row.id: row for row in tx.rows(_SKUS, {"ids": wanted})}
    for variant_id in wanted:
        if variant_id not in found:
            raise UnknownVariant(f"there is no variant {variant_id}")
        if found[variant_id].is_kit:
            raise Invalid("variant", f"{found[variant_id].sku} is a kit and has no goods of its own; name its parts")
    return found
