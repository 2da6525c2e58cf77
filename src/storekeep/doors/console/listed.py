"""Lists that are typed or pasted: a SKU or bar code a row, and how many units."""

import re

from storekeep.doors.web import Fields
from storekeep.kernel.db import Tx
from storekeep.shop.catalog.lookups import resolve_codes

_ROW = re.compile(r"[\s,;]+")


def rows_of(tx: Tx, form: Fields, name: str, longest: int) -> list[tuple[str, int]]:
    """(variant id, units) of each row of "SKU quantity" in the field `name`; each row at fault is named there."""
    text = form.value(name).replace("\r\n", "\n")
    rows = [(n, [part for part in _ROW.split(row.strip()) if part]) for n, row in enumerate(text.split("\n"), 1)]
    rows = [(n, parts) for n, parts in rows if parts]
    if len(rows) > longest:
        form.fail(name, f"{len(rows)} rows are too many; at most {longest} fit.")
        return []
    known = resolve_codes(tx, [parts[0] for _, parts in rows])
    found = []
    for n, parts in rows:
        if len(parts) != 2 or not (parts[1].isascii() and parts[1].isdigit() and 1 <= len(parts[1]) <= 7):
            form.fail(name, f"Row {n}: write a SKU and a whole number of units, like “MUG-1 24”.")
        elif parts[0] not in known:
            form.fail(name, f"Row {n}: there is no SKU {parts[0][:40]}.")
        else:
            found.append((known[parts[0]].variant_id, int(parts[1])))
    return found
