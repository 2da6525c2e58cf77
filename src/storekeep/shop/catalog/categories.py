"""Categories: make, change, remove."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, func, select

from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Problem
from storekeep.shop.catalog import search
from storekeep.shop.catalog.errors import InvalidFields
from storekeep.shop.catalog.model import CategoryDraft, check_category
from storekeep.shop.catalog.revisions import bump
from storekeep.shop.catalog.store import categories_by_id, taken, update_rows
from storekeep.shop.catalog.tables import category, product


def create(tx: Tx, drafts: Sequence[CategoryDraft]) -> list[str]:
    """Make categories and return their ids. Raises `InvalidFields` with paths like `0.slug`; then none is made."""
    if not drafts:
        return []
    known = taken(tx, category, "slug", [draft.slug for draft in drafts])
    _check(drafts, known, [None] * len(drafts))
    last = tx.scalar(select(func.max(category.c.position)))
    start = 0 if last is None else last + 1
    rows: list[dict[str, Any]] = [
        {
            "id": tx.new_id(),
            "slug": draft.slug,
            "name": draft.name.strip(),
            "description": draft.description.strip(),
            "position": start + at if draft.position is None else draft.position,
        }
        for at, draft in enumerate(drafts)
    ]
    tx.insert_many(category, rows)
    audit.record(tx, [audit.Entry("category.created", "category", row["id"], None, row) for row in rows])
    bump(tx)
    return [row["id"] for row in rows]


def update(tx: Tx, changes: Sequence[tuple[str, CategoryDraft]]) -> None:
    """Replace the fields of categories by id; a position of None stays. Raises `NotFound` or `InvalidFields`."""
    if not changes:
        return
    ids = [one for one, _ in changes]
    before = categories_by_id(tx, ids)
    drafts = [draft for _, draft in changes]
    _check(drafts, taken(tx, category, "slug", [draft.slug for draft in drafts]), ids)
    rows: list[dict[str, Any]] = []
    for one, draft in changes:
        whole = draft if draft.position is not None else replace(draft, position=before[one].position)
        rows.append(
            {
                "id": one,
                "slug": whole.slug,
                "name": whole.name.strip(),
                "description": whole.description.strip(),
                "position": whole.position,
            }
        )
    update_rows(tx, category, rows)
    entries = [audit.Entry("category.changed", "category", row["id"], before[row["id"]]._asdict(), row) for row in rows]
    audit.record(tx, entries)
    renamed = [row["id"] for row in rows if row["name"] != before[row["id"]].name]
    if renamed:
        search.reindex(tx, [row.id for row in tx.rows(select(product.c.id).where(product.c.category_id.in_(renamed)))])
    bump(tx)


def remove(tx: Tx, ids: Sequence[str]) -> None:
    """Remove empty categories. Raises `Conflict` while a product, archived ones too, is in one of them."""
    if not ids:
        return
    before = categories_by_id(tx, ids)
    used = tx.first(select(category.c.name).join(product).where(category.c.id.in_(list(before))).limit(1))
    if used is not None:
        raise Conflict(f"There are products in {used.name}. Move them to another category first.")
    tx.run(delete(category).where(category.c.id.in_(list(before))))
    entries = [audit.Entry("category.removed", "category", one, row._asdict(), None) for one, row in before.items()]
    audit.record(tx, entries)
    bump(tx)


def _check(drafts: Sequence[CategoryDraft], known: dict[str, str], own: Sequence[str | None]) -> None:
    problems = [problem for at, draft in enumerate(drafts) for problem in check_category(str(at), draft)]
    seen: set[str] = set()
    for at, (draft, self_id) in enumerate(zip(drafts, own, strict=True)):
        if draft.slug in seen or known.get(draft.slug, self_id) != self_id:
            problems.append(Problem("invalid", f"The address {draft.slug} is taken.", path=f"{at}.slug"))
        seen.add(draft.slug)
    if problems:
        raise InvalidFields(problems)
