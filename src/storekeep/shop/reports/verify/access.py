"""A: who may come in, and what must never be kept."""

# ruff: noqa: S608 - every query here is put together from constants of this package

import re

from sqlalchemy import Text

from storekeep.kernel.db import Tx
from storekeep.shop.reports.verify import schema
from storekeep.shop.reports.verify.model import SHOWN, Finding, Invariant, Offender
from storekeep.shop.reports.verify.scope import Scope
from storekeep.shop.reports.verify.sql import Rule, batches_of, checks

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
    within={},
)  # fmt: skip

#: Columns whose long numbers are what they should be: bar codes, parcel numbers, hashes, papers, figures.
SAFE = {
    "variant.barcode", "shipment.tracking_number", "label_purchase.tracking_number", "document.body_base64",
    "document.sha256", "tracking_event.id", "staff.password_hash", "staff_session.token_hash", "cart.token_hash",
    "idempotency.body_hash", "scan_log.code", "scan_log.scan_id",
    "batch_scan.code", "batch_scan.scan_id", "batch_scan.answer", "inbox.headers",
    "replenishment_suggestion.inputs", "count_class.grade",
}  # fmt: skip

_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z._-])[0-9](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z_-])")
_NETWORKS = re.compile(
    r"4[0-9]{12}(?:[0-9]{3}){0,2}|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"
    r"|3[47][0-9]{13}|6(?:011|5[0-9]{2}|4[4-9][0-9])[0-9]{12,15}|35[0-9]{14,17}|3(?:0[0-5]|[689][0-9])[0-9]{11,16}"
)
#: A run of digits, blanks and hyphens with room for such a number. There is much text, and this reads it quickly.
_RUN = re.compile(r"[0-9][0-9 -]{11,}[0-9]")

#: Few rows, and they change without leaving another row behind: a quick run reads all of them.
_SMALL = {
    "category", "content_page", "delivery_method", "discount_code", "location", "rate_card", "sales_country", "setting",
    "site_revision", "staff", "tax_rate", "warehouse", "number_sequence", "ledger_balance",
    "zone", "bin_fact",
}  # fmt: skip
#: What a quick run reads of rows that change after they were made; of every other table it reads the new rows.
_CHANGING = {
    "cart": "updated_at >= :since",
    "conversation": "id IN [conversations]",
    "customer": "id >= [floor] OR id IN (SELECT o.customer_id FROM sales_order o WHERE o.id IN [orders])",
    "goods_return": "id IN [returns]",
    "idempotency": "created_at >= :since",
    "inbox": "id >= [floor] OR status IN ('due', 'running', 'dead')",
    "label_purchase": "id IN [labels]",
    "low_stock": "since >= :since",
    "order_wait": "order_id IN [orders]",
    "outbox": "id >= [floor] OR status IN ('due', 'running', 'dead')",
    "payment": "id IN [payments]",
    "payment_attempt": "id IN [attempts]",
    "product": "id IN [products]",
    "refund": "id IN [refunds]",
    "replenishment_suggestion": "id IN [subjects]",
    "sales_order": "id IN [orders]",
    "sell_ahead": "updated_at >= :since",
    "stock_signup": "id >= [floor]",
    "search_term": "product_id IN [products]",
    "shipment": "id IN [parcels]",
    "tracking_event": "shipment_id IN [parcels]",
    "transfer": "id IN [transfers]",
    "variant": "product_id IN [products]",
}


def _no_card_numbers(tx: Tx, scope: Scope) -> Finding:
    rows = 0
    offenders: list[Offender] = []
    for table in schema.tables():
        columns = [c.name for c in table.columns if isinstance(c.type, Text) and f"{table.name}.{c.name}" not in SAFE]
        if not columns:
            continue
        slices = {} if table.name in _SMALL else {table.name: _CHANGING.get(table.name, "id >= [floor]")}
        there, is_suspect = _read(tx, scope, table.name, columns, slices)
        rows += there
        if is_suspect:
            keys = [column.name for column in table.primary_key.columns]
            offenders += _named(tx, scope, table.name, keys, columns, slices)
    return Finding(rows, tuple(offenders[:SHOWN]), len(offenders))


def _read(tx: Tx, scope: Scope, table: str, columns: list[str], slices: dict[str, str]) -> tuple[int, bool]:
    """How many rows there are, and whether any text in them holds a card number."""
    texts = " || '\n' || ".join(f"COALESCE({name}, '')" for name in columns)
    rows, found = 0, False
    for batch in batches_of(tx, scope, f"SELECT {texts} FROM {table}", slices):
        rows += len(batch)
        text = "\n".join([text for (text,) in batch])
        found = found or any(card_number(text[max(run.start() - 1, 0) : run.end() + 1]) for run in _RUN.finditer(text))
    return rows, found


def _named(
    tx: Tx, scope: Scope, table: str, keys: list[str], columns: list[str], slices: dict[str, str]
) -> list[Offender]:
    """The rows and columns that hold a card number."""
    found = []
    asked = f"SELECT {', '.join([*keys, *columns])} FROM {table} ORDER BY {', '.join(keys)}"
    for batch in batches_of(tx, scope, asked, slices):
        for row in batch:
            name = " ".join([table, *(str(key) for key in row[: len(keys)])])
            for column, text in zip(columns, row[len(keys) :], strict=True):
                number = card_number(text or "")
                if number:
                    found.append(Offender(name, f"{column} holds a card number", "none", masked(number)))
    return found


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
