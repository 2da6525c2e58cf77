"""Variants by id and by code: the reads of the order path and of the scanner, one statement each.

They bypass Core's result handling on purpose: placing orders reads the variants of a whole batch at once.
"""

import re
from collections.abc import Collection, Sequence
from typing import Any

from storekeep.kernel.db import Tx
from storekeep.kernel.jsontext import dump
from storekeep.shop.catalog.model import VariantFacts, clean_sku

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_REST = (
    "v.sku, p.title, v.option_label, v.price_minor, v.cost_minor, v.weight_g, v.length_mm, v.width_mm, v.height_mm, "
    "p.tax_class, v.status, p.status, p.slug FROM variant v JOIN product p ON p.id = v.product_id"
)
_BY_ID = {
    "sqlite": f"SELECT v.id, v.product_id, {_REST} WHERE v.id IN (SELECT value FROM json_each(?))",  # noqa: S608
    "postgresql": f"SELECT v.id::text, v.product_id::text, {_REST} WHERE v.id = ANY(%s::uuid[])",
}
_BY_CODE = {
    "sqlite": (
        f"SELECT v.barcode, v.id, v.product_id, {_REST} WHERE v.sku IN (SELECT value FROM json_each(?)) "  # noqa: S608
        "OR v.barcode IN (SELECT value FROM json_each(?))"
    ),
    "postgresql": (
        f"SELECT v.barcode, v.id::text, v.product_id::text, {_REST} "
        "WHERE v.sku = ANY(%s::text[]) OR v.barcode = ANY(%s::text[])"
    ),
}


def is_id(text: str) -> bool:
    """Whether a text from outside can be an id at all."""
    return _UUID.fullmatch(text) is not None


def variants_by_ids(tx: Tx, ids: Collection[str]) -> dict[str, VariantFacts]:
    """The facts of these variants by id, closed ones and those of unshown products included; an unknown id is missing.

    One query whatever the number; the hot read of quotes and orders.
    """
    if not ids:
        return {}
    listed = _listed(tx, [one for one in set(ids) if _UUID.fullmatch(one)])
    result = tx.conn.exec_driver_sql(_BY_ID[tx.dialect], (listed,))
    rows = result.cursor.fetchall()
    result.close()
    make = VariantFacts._make
    return {row[0]: make(row) for row in rows}


def resolve_codes(tx: Tx, codes: Collection[str]) -> dict[str, VariantFacts]:
    """The variants that SKUs or barcodes name, by the code as it was given; an unknown code is missing.

    A SKU is found whatever its case and outer blanks; where a code is both, the SKU wins.
    """
    if not codes:
        return {}
    skus = {code: clean_sku(code) for code in codes}
    barcodes = {code: code.strip() for code in codes}
    lists = (_listed(tx, sorted(set(skus.values()))), _listed(tx, sorted(set(barcodes.values()))))
    rows = tx.conn.exec_driver_sql(_BY_CODE[tx.dialect], lists).fetchall()
    by_sku: dict[str, VariantFacts] = {}
    by_barcode: dict[str, VariantFacts] = {}
    for barcode, *rest in rows:
        facts = VariantFacts._make(rest)
        by_sku[facts.sku] = facts
        if barcode:
            by_barcode[barcode] = facts
    found = {code: by_sku.get(skus[code]) or by_barcode.get(barcodes[code]) for code in codes}
    return {code: facts for code, facts in found.items() if facts is not None}


def _listed(tx: Tx, values: Sequence[str]) -> Any:
    return dump(values) if tx.dialect == "sqlite" else list(values)
