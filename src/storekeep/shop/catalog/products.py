"""Products: make many at once, change, show and archive."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from storekeep.kernel import audit, lifecycle
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Problem
from storekeep.shop.catalog import media, search, variants
from storekeep.shop.catalog.errors import InvalidFields
from storekeep.shop.catalog.model import (
    Created,
    ProductChange,
    ProductDraft,
    changed_fields,
    check_media,
    check_product,
    clean_sku,
)
from storekeep.shop.catalog.revisions import bump
from storekeep.shop.catalog.states import PRODUCT
from storekeep.shop.catalog.store import categories_by_id, products_by_id, taken, update_rows
from storekeep.shop.catalog.tables import category, product
from storekeep.shop.catalog.touching import touch

_FIELDS = ("slug", "title", "summary", "description", "category_id", "tax_class")


def create(tx: Tx, drafts: Sequence[ProductDraft]) -> list[Created]:
    """Make products with their variants and pictures; all or none. Set-based: thousands take a few statements.

    Raises `InvalidFields` with every problem, each at a path like `12.variants.0.sku` (the draft's place in the list).
    """
    if not drafts:
        return []
    problems = [*_own_problems(drafts), *_slug_problems(tx, drafts), *_category_problems(tx, drafts)]
    flat = [
        (f"{at}.variants.{n}", variants.cleaned(one))
        for at, draft in enumerate(drafts)
        for n, one in enumerate(draft.variants)
    ]
    problems += variants.problems_of_new(tx, flat)
    if problems:
        raise InvalidFields(problems)
    product_ids = [tx.new_id() for _ in drafts]
    rows = [_row(tx, one, draft) for one, draft in zip(product_ids, drafts, strict=True)]
    tx.insert_many(product, rows)
    for status in sorted({draft.status for draft in drafts}):
        lifecycle.begin(tx, PRODUCT, [row["id"] for row in rows if row["status"] == status], status)
    homes = [(one, n) for one, draft in zip(product_ids, drafts, strict=True) for n in range(len(draft.variants))]
    made = variants.insert(tx, [(home, n, one) for (home, n), (_, one) in zip(homes, flat, strict=True)])
    created = _grouped(product_ids, drafts, made)
    media.insert(tx, created, drafts)
    search.add_new(tx, product_ids)
    audit.record(tx, [audit.Entry("product.created", "product", row["id"], None, _seen(row)) for row in rows])
    bump(tx)
    return created


def update(tx: Tx, changes: Sequence[ProductChange]) -> None:
    """Change fields of products. Raises `NotFound`, `Conflict` for a stale `expected_revision`, `InvalidFields`.

    A change that changes nothing leaves no trace.
    """
    if not changes:
        return
    before = products_by_id(tx, [change.product_id for change in changes], lock=True)
    if len(before) != len(changes):
        raise ValueError("one change per product")
    fresh = [changed_fields(change, "product_id", "expected_revision") for change in changes]
    _check_update(tx, changes, fresh)
    rows = []
    for change, values in zip(changes, fresh, strict=True):
        old = before[change.product_id]
        if change.expected_revision is not None and change.expected_revision != old.revision:
            raise Conflict(f"{old.title} was changed by someone else meanwhile. Look at it again before you save.")
        new = {name: values.get(name, getattr(old, name)) for name in _FIELDS}
        if any(new[name] != getattr(old, name) for name in _FIELDS):
            rows.append({"id": old.id, **new, "revision": old.revision + 1, "updated_at": tx.now})
    if not rows:
        return
    update_rows(tx, product, rows)
    entries = []
    for row in rows:
        old = before[row["id"]]
        was = {name: getattr(old, name) for name in _FIELDS if getattr(old, name) != row[name]}
        entries.append(audit.Entry("product.changed", "product", old.id, was, {name: row[name] for name in was}))
    audit.record(tx, entries)
    search.reindex(tx, [row["id"] for row in rows])
    bump(tx)


def activate(tx: Tx, ids: Sequence[str]) -> None:
    """Show products in the shop. Those shown already stay so. Raises `Conflict` for one without an active variant."""
    empty = variants.without_active(tx, ids)
    if empty:
        title = products_by_id(tx, empty)[empty[0]].title
        raise Conflict(f"{title} has no active variant, so there is nothing to sell. Add one first.")
    _move(tx, ids, "active")


def archive(tx: Tx, ids: Sequence[str]) -> None:
    """Take products out of the shop for good; orders keep their copies. Repeating it changes nothing."""
    _move(tx, ids, "archived")


def withdraw(tx: Tx, ids: Sequence[str]) -> None:
    """Put products back to draft, out of sight while they are worked on. Repeating it changes nothing."""
    _move(tx, ids, "draft")


def _move(tx: Tx, ids: Sequence[str], to: str) -> None:
    before = products_by_id(tx, ids, lock=True)
    moving = [one for one, row in before.items() if row.status != to]
    if not moving:
        return
    lifecycle.advance(tx, PRODUCT, product, moving, to)
    entries = [
        audit.Entry(f"product.{to}", "product", one, {"status": before[one].status}, {"status": to}) for one in moving
    ]
    audit.record(tx, entries)
    touch(tx, moving)


def _row(tx: Tx, product_id: str, draft: ProductDraft) -> dict[str, Any]:
    return {
        "id": product_id,
        "slug": draft.slug,
        "title": draft.title.strip(),
        "summary": draft.summary.strip(),
        "description": draft.description.strip(),
        "category_id": draft.category_id,
        "tax_class": draft.tax_class,
        "status": draft.status,
        "revision": 1,
        "created_at": tx.now,
        "updated_at": tx.now,
    }


def _seen(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("slug", "title", "category_id", "tax_class", "status")}


def _grouped(product_ids: Sequence[str], drafts: Sequence[ProductDraft], made: Sequence[str]) -> list[Created]:
    groups, start = [], 0
    for one, draft in zip(product_ids, drafts, strict=True):
        end = start + len(draft.variants)
        groups.append(Created(one, tuple(made[start:end])))
        start = end
    return groups


def _own_problems(drafts: Sequence[ProductDraft]) -> Iterator[Problem]:
    for at, draft in enumerate(drafts):
        yield from check_product(str(at), {name: getattr(draft, name) for name in _FIELDS})
        if draft.status not in PRODUCT.edges:
            yield Problem("invalid", "The status is draft, active or archived.", path=f"{at}.status")
        if draft.status == "active" and not any(one.status == "active" for one in draft.variants):
            text = "A product that is shown needs at least one active variant."
            yield Problem("invalid", text, path=f"{at}.variants")
        yield from check_media(f"{at}.media", draft.media, [clean_sku(one.sku) for one in draft.variants])


def _slug_problems(tx: Tx, drafts: Sequence[ProductDraft]) -> Iterator[Problem]:
    known = set(taken(tx, product, "slug", [draft.slug for draft in drafts]))
    for at, draft in enumerate(drafts):
        if draft.slug in known:
            yield Problem("invalid", f"The address {draft.slug} is taken.", path=f"{at}.slug")
        known.add(draft.slug)


def _category_problems(tx: Tx, drafts: Sequence[ProductDraft]) -> Iterator[Problem]:
    known = {row.id for row in tx.rows(select(category.c.id))}
    for at, draft in enumerate(drafts):
        if draft.category_id not in known:
            yield Problem("invalid", "Choose a category that exists.", path=f"{at}.category_id")


def _check_update(tx: Tx, changes: Sequence[ProductChange], fresh: Sequence[dict[str, Any]]) -> None:
    problems = [problem for at, values in enumerate(fresh) for problem in check_product(str(at), values)]
    slugs = taken(tx, product, "slug", [values["slug"] for values in fresh if "slug" in values])
    for at, (change, values) in enumerate(zip(changes, fresh, strict=True)):
        slug = values.get("slug")
        if slug is not None and slugs.setdefault(slug, change.product_id) != change.product_id:
            problems.append(Problem("invalid", f"The address {slug} is taken.", path=f"{at}.slug"))
    if problems:
        raise InvalidFields(problems)
    categories_by_id(tx, [values["category_id"] for values in fresh if "category_id" in values])
