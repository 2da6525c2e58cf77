"""The shop's settings: a key, a JSON value, who set it. Changes are audited with before and after."""

from typing import Any

from sqlalchemy import bindparam, select, update

from storekeep.kernel import audit, tables
from storekeep.kernel.db import Tx
from storekeep.kernel.jsontext import dump, load

_VALUE = select(tables.setting.c.value).where(tables.setting.c.key == bindparam("of_key"))


def read(tx: Tx, key: str, default: Any = None) -> Any:
    """The value of a setting, or `default` when nobody has set it. Asked again, a transaction gets the same answer."""
    if key not in tx.settings:
        tx.settings[key] = tx.scalar(_VALUE, {"of_key": key})
    stored = tx.settings[key]
    return default if stored is None else load(stored)


def read_all(tx: Tx, prefix: str = "") -> dict[str, Any]:
    """Every setting whose key starts with `prefix`."""
    query = select(tables.setting.c.key, tables.setting.c.value).where(tables.setting.c.key.startswith(prefix))
    return {row.key: load(row.value) for row in tx.rows(query)}


def write(tx: Tx, key: str, value: Any) -> None:
    """Set a setting; writing the value it already has changes nothing."""
    before = read(tx, key)
    if before == value and value is not None:
        return
    stored = dump(value)
    row = {"key": key, "value": stored, "updated_at": tx.now, "updated_by": tx.actor}
    if not tx.run(update(tables.setting).where(tables.setting.c.key == key).values(row)):
        tx.insert_many(tables.setting, [row])
    tx.settings[key] = stored
    audit.record(tx, [audit.Entry("setting.changed", "setting", key, before, value)])
