"""Reading at some microseconds per statement, for a watcher that looks after every transaction."""



import json
from collections.abc import Sequence
from typing import Any

from storekeep.kernel.db import Tx

#: Where a table that has no rows ends.
_NOTHING = {"sqlite": 0, "postgresql": "00000000-0000-0000-0000-000000000000"}
_END = {"sqlite": "(SELECT MAX(rowid) FROM {})", "postgresql": "(SELECT id FROM {} ORDER BY id DESC LIMIT 1)"}
#: How a statement's general words are said to each database.
_WORDS = {
    "sqlite": (("[new]", "rowid > ?"), ("[row]", "rowid"), ("IN [?]", "IN (SELECT value FROM json_each(?))")),
    "postgresql": (("[new]", "id > CAST(? AS uuid)"), ("[row]", "id"), ("IN [?]", "= ANY(CAST(? AS uuid[]))"),
                   ("?", "%s")),
}  # fmt: skip


class Eyes:
    """Reads through the driver itself, so that whoever listens to the shop's statements does not hear these.

    A statement has `?` for each value, `IN [?]` for a list of ids, and `[new]` for the rows written after a position:
    rows count up in the order of their writing on SQLite, their ids do on PostgreSQL.
    """

    def __init__(self, tx: Tx) -> None:
        self._run: Any = tx.conn.connection.driver_connection
        self._dialect = tx.dialect

    def ends(self, tables: Sequence[str]) -> tuple[Any, ...]:
        """The position of the last row of each table."""
        found = self._run.execute(_asking(self._dialect, tuple(tables))).fetchone()
        return tuple([_NOTHING[self._dialect] if one is None else one for one in found])

    def rows(self, statement: str, *values: Any) -> list[Any]:
        """The rows as tuples."""
        is_sqlite = self._dialect == "sqlite"
        given = [json.dumps(one) if is_sqlite and isinstance(one, list) else one for one in values]
        return list(self._run.execute(_spelled(self._dialect, statement), given).fetchall())


_known: dict[tuple[str, Any], str] = {}


def _asking(dialect: str, tables: tuple[str, ...]) -> str:
    said = _known.get((dialect, tables))
    if said is None:
        said = _known[dialect, tables] = "SELECT " + ", ".join(_END[dialect].format(table) for table in tables)
    return said


def _spelled(dialect: str, statement: str) -> str:
    said = _known.get((dialect, statement))
    if said is None:
        said = statement
        for general, ours in _WORDS[dialect]:
            said = said.replace(general, ours)
        _known[dialect, statement] = said
    return said
