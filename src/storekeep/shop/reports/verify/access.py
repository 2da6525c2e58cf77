"""A: who may come in, and what must never be kept."""

# ruff: noqa: S608 - every query here is put together from constants of this package

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Text

from storekeep.kernel.db import Tx
from storekeep.shop.reports.verify import schema
from storekeep.shop.reports.verify.model import SHOWN, Finding, Invariant, Offender
from storekeep.shop.reports.verify.sql import Rule, checks

_A1 = checks(
    "SELECT id FROM staff UNION ALL SELECT staff_id FROM staff_session",
    Rule("staff_session", "it is alive, and its person may not come in", """
        SELECT s.staff_id, 'no live session' AS expected, s.expires_at AS found FROM staff_session s
        JOIN staff p ON p.id = s.staff_id
        WHERE p.status <> 'active' AND s.ended_at IS NULL AND s.expires_at > :now"""),
    Rule("staff", "the password is not kept as an argon2 hash", """
        SELECT id, 'a hash' AS expected, 'something else' AS found FROM staff
        WHERE password_hash NOT LIKE '$argon2id$%'"""),
    Rule("staff_session of staff", "its token is not kept as a hash", """
        SELECT staff_id, 'a hash' AS expected, 'something else' AS found FROM staff_session
        WHERE LENGTH(token_hash) <> 64"""),
)  # fmt: skip

#: Columns whose long numbers are what they should be: bar codes, parcel numbers, hashes, papers.
SAFE = {
    "variant.barcode", "shipment.tracking_number", "label_purchase.tracking_number", "document.body_base64",
    "document.sha256", "tracking_event.id", "staff.password_hash", "staff_session.token_hash", "cart.token_hash",
    "idempotency.body_hash", "scan_log.code", "scan_log.scan_id", "inbox.headers",
}  # fmt: skip

_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z._-])[0-9](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z_-])")
_NETWORKS = re.compile(
    r"4[0-9]{12}(?:[0-9]{3}){0,2}|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"
    r"|3[47][0-9]{13}|6(?:011|5[0-9]{2}|4[4-9][0-9])[0-9]{12,15}|35[0-9]{14,17}|3(?:0[0-5]|[689][0-9])[0-9]{11,16}"
)
_THIRTEEN = {"sqlite": f"GLOB '*{'[0-9]' * 13}*'", "postgresql": "~ '[0-9]{13}'"}


def _no_card_numbers(tx: Tx) -> Finding:
    rows, count = 0, 0
    offenders: list[Offender] = []
    for table in schema.tables():
        columns = [c.name for c in table.columns if isinstance(c.type, Text) and f"{table.name}.{c.name}" not in SAFE]
        if not columns:
            continue
        rows += int(tx.sql(f"SELECT COUNT(*) FROM {table.name}")[0][0])
        for row in _suspects(tx, table.name, [c.name for c in table.primary_key.columns], columns):
            for column in columns:
                number = card_number(getattr(row, column) or "")
                if number:
                    count += 1
                    key = " ".join(str(getattr(row, f"key_{n}")) for n in range(len(table.primary_key.columns)))
                    offenders.append(
                        Offender(f"{table.name} {key}", f"{column} holds a card number", "none", masked(number))
                    )
    return Finding(rows, tuple(offenders[:SHOWN]), count)


def _suspects(tx: Tx, table: str, keys: list[str], columns: list[str]) -> Iterator[Any]:
    """The rows with thirteen digits in a row, blanks and hyphens left out, in one of the columns."""
    asked = [f"{name} AS key_{n}" for n, name in enumerate(keys)] + columns
    long = " OR ".join(f"REPLACE(REPLACE({c}, ' ', ''), '-', '') {_THIRTEEN[tx.dialect]}" for c in columns)
    yield from tx.conn.exec_driver_sql(f"SELECT {', '.join(asked)} FROM {table} WHERE {long}")


def card_number(text: str) -> str | None:
    """The first number in a text that has a card's length, a card network's first digits and a right check digit."""
    for match in _LONG_NUMBER.finditer(text):
        digits = match.group().replace(" ", "").replace("-", "")
        if _NETWORKS.fullmatch(digits) and _luhn(digits):
            return digits
    return None


def masked(number: str) -> str:
    """A card number as it may be shown."""
    return f"{number[:2]}{'•' * (len(number) - 6)}{number[-4:]}"


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


INVARIANTS = (
    Invariant("A1", "No session is alive for somebody who may not come in, and secrets are kept as hashes.", _A1),
    Invariant("A2", "No card number is kept in any text.", _no_card_numbers),
)
