"""Suppliers and what they ask for each variant: added, changed, archived; every change is audited."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import delete, select, update

from storekeep.kernel import audit, lookup, prepared
from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid, Problem, Refused
from storekeep.shop.catalog.lookups import variants_by_ids
from storekeep.shop.customers.model import clean_email
from storekeep.shop.purchasing.model import PriceBreak, SupplierDraft, Terms, TermsDraft
from storekeep.shop.purchasing.tables import price_break, supplier, supplier_variant
from storekeep.shop.site import profile

MOST_UNITS, LONGEST_LEAD = 1_000_000, 730
#: Dearer than ten million minor units apiece is a typing mistake.
DEAREST_E4 = 10**11
_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,31}")
_CHANGEABLE = ("supplier_sku", "moq", "pack_multiple", "lead_days", "is_preferred")
_TERMS = [supplier_variant.c[name] for name in Terms.__slots__ if name != "breaks"]


def add(tx: Tx, draft: SupplierDraft) -> str:
    """Add a supplier; returns its id. One with this code that says the same is returned as it is.

    Raises `Invalid` naming the field: also for a currency other than the shop's, which cannot be bought in yet.
    """
    row = _row(tx, draft)
    known = tx.first(select(supplier).where(supplier.c.code == row["code"]))
    if known is not None:
        if all(getattr(known, name) == value for name, value in row.items()):
            return str(known.id)
        raise Conflict(f"there is a supplier {row['code']} already: {known.name}")
    supplier_id = tx.new_id()
    tx.insert_many(supplier, [{"id": supplier_id, **row, "status": "active", "created_at": tx.now}])
    audit.record(tx, [audit.Entry("supplier.added", "supplier", supplier_id, None, row)])
    return supplier_id


def change(tx: Tx, supplier_id: str, draft: SupplierDraft) -> None:
    """Change a supplier; the same facts change nothing. Orders written before keep what they say."""
    before = load(tx, supplier_id, lock=True)
    row = _row(tx, draft)
    taken = select(supplier.c.name).where(supplier.c.code == row["code"], supplier.c.id != supplier_id)
    if (other := tx.scalar(taken)) is not None:
        raise Invalid("code", f"{other} has this code already")
    old = {name: getattr(before, name) for name in row}
    if old != row:
        tx.run(update(supplier).where(supplier.c.id == supplier_id).values(row))
        audit.record(tx, [audit.Entry("supplier.changed", "supplier", supplier_id, old, row)])


def set_status(tx: Tx, supplier_id: str, status: str) -> None:
    """Archive a supplier, or take it up again; nothing new is bought from an archived one."""
    if status not in ("active", "archived"):
        raise Invalid("status", "a supplier is active or archived")
    before = load(tx, supplier_id, lock=True).status
    if before != status:
        tx.run(update(supplier).where(supplier.c.id == supplier_id).values(status=status))
        audit.record(tx, [audit.Entry("supplier.status", "supplier", supplier_id, before, status)])


def load(tx: Tx, supplier_id: str, *, lock: bool = False) -> Any:
    """One supplier; `NotFound` when there is none."""
    return lookup.one(tx, supplier, supplier_id, "supplier", lock=lock)


def lock(tx: Tx, supplier_ids: Iterable[str]) -> None:
    """Lock suppliers in the order of their ids, so that writers of orders queue."""
    tx.rows(prepared.rows_of(supplier, "id", "id", lock=True), {"wanted": sorted(supplier_ids)})


def by_code(tx: Tx, codes: Sequence[str]) -> dict[str, Any]:
    """Suppliers by their code; unknown codes are missing."""
    return {row.code: row for row in tx.rows(select(supplier).where(among(supplier.c.code, set(codes))))}


def set_terms(tx: Tx, supplier_id: str, drafts: Sequence[TermsDraft]) -> None:
    """Say what a supplier asks for variants, thousands in a few statements; the same terms change nothing.

    A preferred supplier takes the preference from the one that had it. Raises `Refused` naming every line at fault
    (`lines[n].field`); then none is set.
    """
    load(tx, supplier_id, lock=True)
    _check(tx, drafts)
    ids = [draft.variant_id for draft in drafts]
    known = terms_of(tx, supplier_id, ids)
    changed = [draft for draft in drafts if not _same(draft, known.get(draft.variant_id))]
    if not changed:
        return
    _take_preference(tx, supplier_id, [draft.variant_id for draft in changed if draft.is_preferred])
    fresh, old_rows, rows = [], [], []
    for draft in changed:
        old = known.get(draft.variant_id)
        term_id = tx.new_id() if old is None else old.id
        values = {name: getattr(draft, name) for name in _CHANGEABLE} | {"supplier_sku": draft.supplier_sku.strip()}
        rows += [{"supplier_variant_id": term_id, **asdict(each)} for each in draft.breaks]
        if old is None:
            fresh.append({"id": term_id, "supplier_id": supplier_id, "variant_id": draft.variant_id, **values})
        else:
            old_rows.append({"of_id": term_id, **{f"to_{name}": value for name, value in values.items()}})
    if old_rows:
        tx.conn.execute(prepared.change_of(supplier_variant, *_CHANGEABLE), old_rows)
        stale = [row["of_id"] for row in old_rows]
        tx.run(delete(price_break).where(among(price_break.c.supplier_variant_id, stale)))
    tx.insert_many(supplier_variant, fresh)
    tx.insert_many(price_break, rows)
    audit.record(
        tx,
        [
            audit.Entry("supplier.terms", "supplier", supplier_id, _told(known.get(draft.variant_id)), asdict(draft))
            for draft in changed
        ],
    )


def drop_terms(tx: Tx, supplier_id: str, variant_id: str) -> None:
    """The supplier does not sell this variant any more; orders written before keep their lines."""
    old = terms_of(tx, supplier_id, [variant_id]).get(variant_id)
    if old is None:
        return
    tx.run(delete(price_break).where(price_break.c.supplier_variant_id == old.id))
    tx.run(delete(supplier_variant).where(supplier_variant.c.id == old.id))
    audit.record(tx, [audit.Entry("supplier.terms", "supplier", supplier_id, _told(old), None)])


def terms_of(tx: Tx, supplier_id: str, variant_ids: Sequence[str]) -> dict[str, Terms]:
    """A supplier's terms by variant; those it does not sell are missing."""
    t = supplier_variant.c
    query = select(*_TERMS).where(t.supplier_id == supplier_id, among(t.variant_id, set(variant_ids)))
    return {each.variant_id: each for each in with_breaks(tx, tx.rows(query))}


def preferred_terms(tx: Tx, variant_ids: Sequence[str]) -> dict[str, Terms]:
    """variant -> the terms of its preferred active supplier, else of the first one by code; others are missing."""
    t = supplier_variant.c
    query = (
        select(*_TERMS)
        .join_from(supplier_variant, supplier, supplier.c.id == t.supplier_id)
        .where(among(t.variant_id, set(variant_ids)), supplier.c.status == "active")
        .order_by(t.variant_id, t.is_preferred.desc(), supplier.c.code)
    )
    best: dict[str, Any] = {}
    for row in tx.rows(query):
        best.setdefault(row.variant_id, row)
    return {each.variant_id: each for each in with_breaks(tx, list(best.values()))}


def with_breaks(tx: Tx, rows: Sequence[Any]) -> list[Terms]:
    """Terms with their price breaks in rising order, in the order of the rows."""
    b = price_break.c
    query = select(price_break).where(among(b.supplier_variant_id, [row.id for row in rows]))
    breaks: dict[str, list[PriceBreak]] = {}
    for row in tx.rows(query.order_by(b.supplier_variant_id, b.from_qty)):
        breaks.setdefault(row.supplier_variant_id, []).append(PriceBreak(row.from_qty, row.unit_price_e4))
    return [replace(Terms(*tuple(row)), breaks=tuple(breaks[row.id])) for row in rows]


def _row(tx: Tx, draft: SupplierDraft) -> dict[str, Any]:
    code, currency = draft.code.strip().upper(), draft.currency.strip().upper()
    if not _CODE.fullmatch(code):
        raise Invalid("code", "a code has 1 to 32 letters, digits, dots or dashes")
    name = " ".join(draft.name.split())
    if not 1 <= len(name) <= 120:
        raise Invalid("name", "a name has 1 to 120 characters")
    ours = profile.load(tx).currency
    if currency != ours:
        raise Invalid("currency", f"only {ours}, the shop's own currency, can be bought in so far; not {currency}")
    if not 0 <= draft.minimum_order_minor <= 10**12:
        raise Invalid("minimum_order", "the smallest order is a sum from 0 up")
    days = "".join(sorted(set(draft.order_days)))
    if not set(days) <= set("1234567"):
        raise Invalid("order_days", "order days are weekdays from 1 (Monday) to 7")
    return {"code": code, "name": name, "email": clean_email(draft.email), "currency": currency,
            "minimum_order_minor": draft.minimum_order_minor, "order_days": days}  # fmt: skip


def _check(tx: Tx, drafts: Sequence[TermsDraft]) -> None:
    facts = variants_by_ids(tx, {draft.variant_id for draft in drafts})
    problems: list[Problem] = []
    seen: set[str] = set()
    for n, draft in enumerate(drafts):
        for field, text in _faults(draft):
            problems.append(Problem("invalid", text, path=f"lines[{n}].{field}"))
        if draft.variant_id not in facts:
            problems.append(Problem("invalid", "there is no such variant", path=f"lines[{n}].variant_id"))
        elif draft.variant_id in seen:
            problems.append(Problem("invalid", "this variant stands here twice", path=f"lines[{n}].variant_id"))
        seen.add(draft.variant_id)
    if problems:
        raise Refused(problems)


def _faults(draft: TermsDraft) -> list[tuple[str, str]]:
    found = []
    if not 1 <= draft.pack_multiple <= MOST_UNITS:
        found.append(("pack_multiple", "a pack has at least one unit"))
    elif not 1 <= draft.moq <= MOST_UNITS:
        found.append(("moq", "the smallest order is at least one unit"))
    elif draft.moq % draft.pack_multiple:
        text = f"the smallest order of {draft.moq} is no whole number of packs of {draft.pack_multiple}"
        found.append(("moq", text))
    if not 1 <= draft.lead_days <= LONGEST_LEAD:
        found.append(("lead_days", f"the lead time is from 1 to {LONGEST_LEAD} days, not {draft.lead_days}"))
    quantities = [each.from_qty for each in draft.breaks]
    if not quantities or quantities[0] != 1 or quantities != sorted(set(quantities)) or quantities[-1] > MOST_UNITS:
        found.append(("breaks", "price breaks begin at 1 unit and rise, each quantity once"))
    if any(not 0 < each.unit_price_e4 <= DEAREST_E4 for each in draft.breaks):
        found.append(("price", "a price is above zero"))
    if len(draft.supplier_sku) > 64:
        found.append(("supplier_sku", "the supplier's number has at most 64 characters"))
    return found


def _same(draft: TermsDraft, old: Terms | None) -> bool:
    return old is not None and _told(old) == asdict(replace(draft, supplier_sku=draft.supplier_sku.strip()))


def _told(old: Terms | None) -> Mapping[str, Any] | None:
    if old is None:
        return None
    return {name: value for name, value in asdict(old).items() if name not in ("id", "supplier_id")}


def _take_preference(tx: Tx, supplier_id: str, variant_ids: Sequence[str]) -> None:
    t = supplier_variant.c
    others = (among(t.variant_id, variant_ids), t.supplier_id != supplier_id, t.is_preferred)
    tx.run(update(supplier_variant).where(*others).values(is_preferred=False))
