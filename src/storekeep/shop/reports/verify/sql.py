"""Checks as SQL: a rule is a query that returns the rows at fault, a check is some rules over some table.

The queries are portable as they stand, but for the three function names in `_SQLITE`. Every rule selects the columns
that name its rows, then `expected` and `found`. In a quick run the same query sees, under the names of the tables, only
the slices of them that are about the touched subjects; a rule may say itself how it is asked then.
"""

# ruff: noqa: S608 - every query here is put together from constants of this package

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import CursorResult

from storekeep.kernel.db import Tx
from storekeep.shop.reports.verify.model import SHOWN, Finding, Offender
from storekeep.shop.reports.verify.scope import Scope, execute, said

_SQLITE = {"STRPOS(": "INSTR(", "GREATEST(": "MAX(", "LEAST(": "MIN("}

#: The rows at fault that are shown, and how many there are in all.
Found = tuple[list[Offender], int]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is wrong with a row of `subject` when `bad` returns it: a query, or a function that knows of quick runs.

    In a quick run it sees `within`, the slices of its tables (its check's when None). Where that would cost too much or
    say something else, `quick` is asked instead: a query of its own, or a function.
    """

    subject: str
    text: str
    bad: "str | Callable[[Tx, Scope, Rule], Found]"
    within: Mapping[str, str] | None = None
    quick: "str | Callable[[Tx, Scope, Rule], Found] | None" = None


Check = Callable[[Tx, Scope], Finding]


def portable(tx: Tx, statement: str) -> str:
    """The statement in the words of the database at hand."""
    if tx.dialect == "sqlite":
        for general, ours in _SQLITE.items():
            statement = statement.replace(general, ours)
    return statement


def checks(counted: str, *rules: Rule, within: Mapping[str, str]) -> Check:
    """A check made of rules; `counted` is the table (or query) whose rows are looked at.

    `within` names the slices of tables that a quick run sees.
    """

    def check(tx: Tx, scope: Scope) -> Finding:
        rows = count(tx, scope, counted, within)
        found = [broken(tx, rule, scope, within) for rule in rules]
        return Finding(rows, tuple(one for some, _ in found for one in some), sum(count for _, count in found))

    return check


def count(tx: Tx, scope: Scope, counted: str, within: Mapping[str, str]) -> int:
    """How many rows of a table or query are looked at."""
    source = f"({counted}) counted" if " " in counted else counted
    return int(rows_of(tx, scope, f"SELECT COUNT(*) FROM {source}", within)[0][0])


def broken(tx: Tx, rule: Rule, scope: Scope, within: Mapping[str, str]) -> Found:
    """The first rows that break a rule, and how many do."""
    bad = rule.bad if scope.is_whole or rule.quick is None else rule.quick
    if callable(bad):
        return bad(tx, scope, rule)
    slices = within if rule.within is None else rule.within
    if bad is rule.quick:
        slices = {}
    outer = f"SELECT bad.*, COUNT(*) OVER () AS in_all FROM ({bad}) bad ORDER BY 1 LIMIT {SHOWN}"
    rows = rows_of(tx, scope, outer, slices)
    offenders = []
    for row in rows:
        *names, expected, found, _ = tuple(row)
        subject = " ".join([rule.subject, *(str(name) for name in names)])
        offenders.append(Offender(subject, rule.text, str(expected), str(found)))
    return offenders, int(rows[0].in_all) if rows else 0


@lru_cache(maxsize=1024)
def _sliced(statement: str, slices: tuple[tuple[str, str], ...], dialect: str) -> str:
    """The statement with each of its tables cut down to its slice, under the same name.

    A slice of newer rows, or of a table with an index of statuses, is made first: a planner without figures thinks more
    of an equality than of a range or a list.
    """
    named = set(_TABLE.findall(statement))
    home = "main." if dialect == "sqlite" else ""
    cut = [
        f"{name} AS {_made_first(name, where)} (SELECT * FROM {home}{name} WHERE {where})"
        for name, where in slices
        if name in named
    ]
    return said(f"WITH {', '.join(cut)} {statement}" if cut else statement, dialect)


def _made_first(table: str, where: str) -> str:
    return "MATERIALIZED" if "[floor]" in where or table in ("shipment", "fulfillment") else ""


_TABLE = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)")


def rows_of(tx: Tx, scope: Scope, statement: str, slices: Mapping[str, str], **params: Any) -> list[Any]:
    """The rows of a query: of the whole shop, or with a scope of the slices of its tables."""
    return list(_asked(tx, scope, statement, slices, params).all())


def batches_of(tx: Tx, scope: Scope, statement: str, slices: Mapping[str, str]) -> Iterator[Sequence[Any]]:
    """The same rows, a thousand at a time, for queries that return very many."""
    if tx.dialect == "postgresql":
        yield from _asked(tx, scope, statement, slices, {}, yield_per=1000).partitions()
        return
    result = _asked(tx, scope, statement, slices, {})
    cursor: Any = result.cursor  # plain tuples: of a million rows, making them SQLAlchemy's takes longer than reading
    while batch := cursor.fetchmany(1000):
        yield batch
    result.close()


def _asked(
    tx: Tx, scope: Scope, statement: str, slices: Mapping[str, str], params: dict[str, Any], **options: Any
) -> CursorResult[Any]:
    if not scope.is_whole:
        statement = _sliced(statement, tuple(slices.items()), tx.dialect)
        params |= scope.params(statement, tx.dialect)
    statement = portable(tx, statement)
    if ":now" in statement:
        params["now"] = tx.now
    return execute(tx, statement, params, **options)


def differs(keys: str, ledger: str, cache: str) -> str:
    """The keys for which the amounts of the ledger rows and of the cache do not add up to the same.

    Both are queries of `keys` and `amount`; a key that only one of them has counts as 0 in the other.
    """
    return (
        f"SELECT {keys}, SUM(of_ledger) AS expected, SUM(of_cache) AS found FROM ("
        f"SELECT {keys}, amount AS of_ledger, 0 AS of_cache FROM ({ledger}) ledger UNION ALL "
        f"SELECT {keys}, 0, amount FROM ({cache}) cache) both_sides "
        f"GROUP BY {keys} HAVING SUM(of_ledger) <> SUM(of_cache)"
    )


def unequal(keys: str, pairs: Mapping[str, tuple[str, str]], source: str, where: str = "") -> str:
    """The rows of `source` in which one of the named (expected, found) pairs differs, with all of them."""
    differ = " OR ".join(f"{expected} <> {found}" for expected, found in pairs.values())
    condition = f"({differ}) AND ({where})" if where else differ
    expected = _told({name: pair[0] for name, pair in pairs.items()})
    found = _told({name: pair[1] for name, pair in pairs.items()})
    return f"SELECT {keys}, {expected} AS expected, {found} AS found FROM {source} WHERE {condition}"


def _told(parts: Mapping[str, str]) -> str:
    return " || ', ' || ".join(f"'{name} ' || CAST({value} AS TEXT)" for name, value in parts.items())


def twice(keys: str, table: str, where: str = "") -> str:
    """The keys that more than one row has."""
    condition = f" WHERE {where}" if where else ""
    counted = f"SELECT {keys}, 1 AS expected, COUNT(*) AS found FROM {table}{condition}"
    return f"{counted} GROUP BY {keys} HAVING COUNT(*) > 1"


def twice_among(keys: str, table: str, new: str, where: str = "") -> str:
    """The keys that more than one row has, of those keys that a row with the condition `new` has."""
    condition = f" AND {where}" if where else ""
    return twice(keys, table, f"({keys}) IN (SELECT {keys} FROM {table} WHERE {new}{condition}){condition}")
