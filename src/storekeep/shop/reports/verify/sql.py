"""Checks as SQL: a rule is a query that returns the rows at fault, a check is some rules over some table.

The queries are portable as they stand, but for the three function names in `_SQLITE`. Every rule selects the columns
that name its rows, then `expected` and `found`.
"""

# ruff: noqa: S608 - every query here is put together from constants of this package

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from storekeep.kernel.db import Tx
from storekeep.shop.reports.verify.model import SHOWN, Finding, Offender

_SQLITE = {"STRPOS(": "INSTR(", "GREATEST(": "MAX(", "LEAST(": "MIN("}


@dataclass(frozen=True, slots=True)
class Rule:
    """What is wrong with a row of `subject` when `bad` returns it."""

    subject: str
    text: str
    bad: str


def portable(tx: Tx, statement: str) -> str:
    """The statement in the words of the database at hand."""
    if tx.dialect == "sqlite":
        for general, ours in _SQLITE.items():
            statement = statement.replace(general, ours)
    return statement


def checks(counted: str, *rules: Rule) -> Callable[[Tx], Finding]:
    """A check made of rules; `counted` is the table (or query) whose rows are looked at."""

    def check(tx: Tx) -> Finding:
        source = f"({counted}) counted" if " " in counted else counted
        rows = int(tx.sql(f"SELECT COUNT(*) FROM {source}")[0][0])
        found = [broken(tx, rule) for rule in rules]
        return Finding(rows, tuple(one for some, _ in found for one in some), sum(count for _, count in found))

    return check


def broken(tx: Tx, rule: Rule) -> tuple[list[Offender], int]:
    """The first rows that break a rule, and how many do."""
    statement = f"SELECT bad.*, COUNT(*) OVER () AS in_all FROM ({rule.bad}) bad ORDER BY 1 LIMIT {SHOWN}"
    rows = tx.sql(portable(tx, statement), {"now": tx.now} if ":now" in statement else None)
    offenders = []
    for row in rows:
        *names, expected, found, _ = tuple(row)
        subject = " ".join([rule.subject, *(str(name) for name in names)])
        offenders.append(Offender(subject, rule.text, str(expected), str(found)))
    return offenders, int(rows[0].in_all) if rows else 0


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
