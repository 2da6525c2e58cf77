"""W: what the website shows. So far: search finds every product by the words of its title, and no other product."""

# ruff: noqa: S608 - every query here is put together from constants of this package

import re
import unicodedata

from storekeep.kernel.db import Tx
from storekeep.shop.reports.verify.model import SHOWN, Finding, Invariant, Offender
from storekeep.shop.reports.verify.scope import Scope
from storekeep.shop.reports.verify.sql import Rule, broken, rows_of

_LONGEST = 40
_BATCH = 5_000
_WORD = re.compile(r"[^\W_]+")
_SPELLED = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "’": "", "'": ""}
_SHADOW = Rule("search_term", "it finds a product that is not shown", """
    SELECT s.term, s.product_id, 'active' AS expected, p.status AS found FROM search_term s
    JOIN product p ON p.id = s.product_id WHERE p.status <> 'active'""")  # fmt: skip


def words(title: str) -> set[str]:
    """The words of a title as search keeps them: lower case, no accents, letters and digits only."""
    spelled = "".join(_SPELLED.get(char, char) for char in title.lower())
    bare = "".join(char for char in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(char))
    return {word[:_LONGEST] for word in _WORD.findall(bare)}


_SLICES = {"product": "id IN [products]", "search_term": "product_id IN [products]"}


def _search_finds_every_title(tx: Tx, scope: Scope) -> Finding:
    products = rows_of(tx, scope, "SELECT id, title FROM product WHERE status = 'active' ORDER BY id", _SLICES)
    shown = {str(row.id): row.title for row in products}
    ids = list(shown)
    offenders, count = [], 0
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        known = _terms(tx, scope, batch)
        for product_id in batch:
            missing = words(shown[product_id]) - known.get(product_id, set())
            if missing:
                count += 1
                told = ", ".join(sorted(missing))
                offenders.append(Offender(f"product {product_id}", "search lacks words of its title", told, "missing"))
    some, more = broken(tx, _SHADOW, scope, _SLICES)
    return Finding(len(ids), (*offenders[:SHOWN], *some), count + more)


def _terms(tx: Tx, scope: Scope, batch: list[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    mark = "CAST(:{} AS uuid)" if tx.dialect == "postgresql" else ":{}"
    between = f"product_id >= {mark.format('first')} AND product_id <= {mark.format('last')}"
    asked = f"SELECT product_id, term FROM search_term WHERE {between}"
    for row in rows_of(tx, scope, asked, _SLICES, first=batch[0], last=batch[-1]):
        found.setdefault(str(row.product_id), set()).add(row.term)
    return found


INVARIANTS = (
    Invariant("W1", "Search knows every word of every shown product's title, and no product that is not shown.",
              _search_finds_every_title),
)  # fmt: skip
