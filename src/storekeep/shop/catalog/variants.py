"""Variants: add, change, close, price. Every price is also a line of its history."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Problem
from storekeep.shop.catalog.errors import InvalidFields
from storekeep.shop.catalog.model import VariantChange, VariantDraft, changed_fields, check_variant, clean_sku
from storekeep.shop.catalog.store import chunks, products_by_id, taken, update_rows, variants_by_id
from storekeep.shop.catalog.tables import price_change, product, variant
from storekeep.shop.catalog.touching import touch

_FIELDS = (
    "sku", "option_label", "barcode", "price_minor", "compare_at_minor", "cost_minor",
    "weight_g", "length_mm", "width_mm", "height_mm", "status", "tracking", "shelf_life_days", "min_days_at_ship",
)  # fmt: skip


def add(tx: Tx, additions: Sequence[tuple[str, VariantDraft]]) -> list[str]:
    """Add variants to products, each after the last there is, and return their ids.

    Raises `NotFound` for a product, or `InvalidFields` with paths like `0.sku`; then none is added.
    """
    if not additions:
        return []
    homes = products_by_id(tx, [one for one, _ in additions], lock=True)
    drafts = [(str(at), cleaned(draft)) for at, (_, draft) in enumerate(additions)]
    problems = problems_of_new(tx, drafts)
    if problems:
        raise InvalidFields(problems)
    query = select(variant.c.product_id, variant.c.position).where(variant.c.product_id.in_(list(homes)))
    following: dict[str, int] = {}
    for row in tx.rows(query):
        following[row.product_id] = max(following.get(row.product_id, 0), row.position + 1)
    placed = []
    for (home, _), (_, draft) in zip(additions, drafts, strict=True):
        place = following.get(home, 0)
        following[home] = place + 1
        placed.append((home, place, draft))
    made = insert(tx, placed)
    entries = [
        audit.Entry("variant.created", "variant", one, None, draft)
        for one, (_, draft) in zip(made, drafts, strict=True)
    ]
    audit.record(tx, entries)
    touch(tx, list(homes))
    return made


def update(tx: Tx, changes: Sequence[VariantChange]) -> None:
    """Change fields of variants; a new price goes into the price history.

    Raises `NotFound`, `InvalidFields` with paths like `0.price_minor`, or `Conflict` when an active product would lose
    its last active variant. A change that changes nothing leaves no trace.
    """
    if not changes:
        return
    before = variants_by_id(tx, [change.variant_id for change in changes], lock=True)
    if len(before) != len(changes):
        raise ValueError("one change per variant")
    fresh = [_values(change) for change in changes]
    _check_update(tx, changes, fresh)
    rows = []
    for change, values in zip(changes, fresh, strict=True):
        old = before[change.variant_id]
        new = {name: values.get(name, getattr(old, name)) for name in _FIELDS}
        if any(new[name] != getattr(old, name) for name in _FIELDS):
            rows.append({"id": old.id, **new})
    _write(tx, before, rows)


def set_prices(tx: Tx, prices: Mapping[str, int]) -> None:
    """Set the prices of variants by id, in minor units. The short form of `update` for price lists."""
    update(tx, [VariantChange(one, price_minor=price) for one, price in prices.items()])


def cleaned(draft: VariantDraft) -> VariantDraft:
    """The draft in the form that is stored: SKU in capitals, texts trimmed, an empty barcode is none."""
    barcode = (draft.barcode or "").strip() or None
    return replace(draft, sku=clean_sku(draft.sku), option_label=draft.option_label.strip(), barcode=barcode)


def problems_of_new(tx: Tx, drafts: Sequence[tuple[str, VariantDraft]]) -> list[Problem]:
    """What is wrong with new variants (path, cleaned draft), their uniqueness in the shop and in the list included."""
    problems: list[Problem] = []
    skus = set(taken(tx, variant, "sku", [draft.sku for _, draft in drafts]))
    barcodes = set(taken(tx, variant, "barcode", [draft.barcode for _, draft in drafts if draft.barcode]))
    for path, draft in drafts:
        problems += check_variant(path, {name: getattr(draft, name) for name in _FIELDS})
        if draft.sku in skus:
            problems.append(_taken(f"{path}.sku", "SKU", draft.sku))
        if draft.barcode in barcodes:
            problems.append(_taken(f"{path}.barcode", "barcode", draft.barcode or ""))
        skus.add(draft.sku)
        if draft.barcode:
            barcodes.add(draft.barcode)
    return problems


def insert(tx: Tx, placed: Sequence[tuple[str, int, VariantDraft]]) -> list[str]:
    """Write variants that were checked: (product id, position, cleaned draft). Returns their ids in this order."""
    rows: list[dict[str, Any]] = [
        {
            "id": tx.new_id(),
            "product_id": home,
            **{name: getattr(draft, name) for name in _FIELDS},
            "compare_at_minor": draft.compare_at_minor or None,
            "shelf_life_days": draft.shelf_life_days or None,
            "position": place,
        }
        for home, place, draft in placed
    ]
    tx.insert_many(variant, rows)
    _record_prices(tx, rows)
    return [row["id"] for row in rows]


def without_active(tx: Tx, product_ids: Sequence[str]) -> list[str]:
    """Those of the products that have no active variant."""
    having: set[str] = set()
    for some in chunks(sorted(set(product_ids))):
        query = select(variant.c.product_id).where(variant.c.product_id.in_(some), variant.c.status == "active")
        having.update(row.product_id for row in tx.rows(query.distinct()))
    return [one for one in sorted(set(product_ids)) if one not in having]


def _write(tx: Tx, before: Mapping[str, Any], rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    update_rows(tx, variant, rows)
    homes = sorted({before[row["id"]].product_id for row in rows})
    _refuse_empty(tx, homes)
    _record_prices(tx, [row for row in rows if row["price_minor"] != before[row["id"]].price_minor])
    entries = []
    for row in rows:
        old = before[row["id"]]
        was = {name: getattr(old, name) for name in _FIELDS if getattr(old, name) != row[name]}
        entries.append(audit.Entry("variant.changed", "variant", old.id, was, {name: row[name] for name in was}))
    audit.record(tx, entries)
    touch(tx, homes)


def _refuse_empty(tx: Tx, homes: Sequence[str]) -> None:
    empty = without_active(tx, homes)
    if empty:
        query = select(product.c.title).where(product.c.id.in_(empty), product.c.status == "active")
        title = tx.scalar(query.order_by(product.c.title).limit(1))
        if title is not None:
            raise Conflict(f"{title} would have nothing left to sell. Archive the product instead.")


def _record_prices(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    changes = [
        {"id": tx.new_id(), "variant_id": row["id"], "price_minor": row["price_minor"], "valid_from": tx.now}
        for row in rows
    ]
    tx.insert_many(price_change, changes)


def _values(change: VariantChange) -> dict[str, Any]:
    values = changed_fields(change, "variant_id")
    if "sku" in values:
        values["sku"] = clean_sku(values["sku"])
    if "barcode" in values:
        values["barcode"] = values["barcode"].strip() or None
    if values.get("compare_at_minor") == 0:
        values["compare_at_minor"] = None
    if values.get("shelf_life_days") == 0:
        values["shelf_life_days"] = None
    return values


def _check_update(tx: Tx, changes: Sequence[VariantChange], fresh: Sequence[dict[str, Any]]) -> None:
    problems = [problem for at, values in enumerate(fresh) for problem in check_variant(str(at), values)]
    for name, label in (("sku", "SKU"), ("barcode", "barcode")):
        owners = taken(tx, variant, name, [values[name] for values in fresh if values.get(name)])
        for at, (change, values) in enumerate(zip(changes, fresh, strict=True)):
            value = values.get(name)
            if value and owners.setdefault(value, change.variant_id) != change.variant_id:
                problems.append(_taken(f"{at}.{name}", label, value))
    if problems:
        raise InvalidFields(problems)


def _taken(path: str, label: str, value: str) -> Problem:
    return Problem("invalid", f"The {label} {value[:64]} belongs to another variant.", path=path)
