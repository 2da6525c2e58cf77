"""Pages that the owner writes: terms, privacy, returns, contact."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, func, literal, select, update

from storekeep.kernel import audit, tables
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import NotFound, Problem
from storekeep.shop.site.errors import InvalidFields
from storekeep.shop.site.markdown import LONGEST
from storekeep.shop.site.profile import KEY
from storekeep.shop.site.tables import content_page

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class PageDraft:
    """A page as it should be; its slug says which page it is."""

    slug: str
    title: str
    body_markdown: str
    position: int = 0


def put(tx: Tx, drafts: Sequence[PageDraft]) -> list[str]:
    """Make or replace pages by slug and return their ids. Raises `InvalidFields` at paths like `0.title`.

    Putting what is there already changes nothing.
    """
    problems = [problem for at, draft in enumerate(drafts) for problem in _check(str(at), draft)]
    slugs = [draft.slug for draft in drafts]
    problems += [
        Problem("invalid", "This address is in the list twice.", path=f"{at}.slug")
        for at, slug in enumerate(slugs)
        if slug in slugs[:at]
    ]
    if problems:
        raise InvalidFields(problems)
    before = {row.slug: row for row in tx.rows(select(content_page).where(content_page.c.slug.in_(slugs)))}
    fresh: list[dict[str, Any]] = []
    ids = []
    for draft in drafts:
        values = {"title": draft.title.strip(), "body_markdown": draft.body_markdown, "position": draft.position}
        old = before.get(draft.slug)
        if old is None:
            fresh.append({"id": tx.new_id(), "slug": draft.slug, **values, "updated_at": tx.now})
            ids.append(fresh[-1]["id"])
            continue
        ids.append(old.id)
        was = {name: getattr(old, name) for name, value in values.items() if getattr(old, name) != value}
        if was:
            tx.run(update(content_page).where(content_page.c.id == old.id).values(**values, updated_at=tx.now))
            after = {name: values[name] for name in was}
            audit.record(tx, [audit.Entry("page.changed", "content_page", old.id, was, after)])
    tx.insert_many(content_page, fresh)
    audit.record(tx, [audit.Entry("page.created", "content_page", row["id"], None, row) for row in fresh])
    return ids


def remove(tx: Tx, slug: str) -> None:
    """Remove a page. Raises `NotFound`."""
    row = by_slug(tx, slug)
    if row is None:
        raise NotFound(f"There is no page {slug}.")
    tx.run(delete(content_page).where(content_page.c.id == row.id))
    audit.record(tx, [audit.Entry("page.removed", "content_page", row.id, row._asdict(), None)])


def by_slug(tx: Tx, slug: str) -> Row[Any] | None:
    """The page at this address."""
    return tx.first(select(content_page).where(content_page.c.slug == slug))


def listed(tx: Tx) -> list[Row[Any]]:
    """Slug and title of all pages in order, for the footer."""
    columns = (content_page.c.id, content_page.c.slug, content_page.c.title, content_page.c.position)
    return list(tx.rows(select(*columns).order_by(content_page.c.position, content_page.c.slug)))


def revision(tx: Tx) -> str:
    """A text that changes whenever profile or pages change, for the ETag of anonymous pages. One query."""
    profile = select(tables.setting.c.updated_at).where(tables.setting.c.key == KEY).scalar_subquery()
    pages, newest = func.count(literal(1)).label("pages"), func.max(content_page.c.updated_at).label("newest")
    row = tx.rows(select(pages, newest, profile.label("profile_at")))[0]
    return f"{row.pages}.{row.newest or 0}.{row.profile_at or 0}"


def _check(path: str, draft: PageDraft) -> Iterator[Problem]:
    if len(draft.slug) > 80 or not _SLUG.fullmatch(draft.slug):
        text = "The address has lower case letters, digits and single hyphens only."
        yield Problem("invalid", text, path=f"{path}.slug")
    if not draft.title.strip() or len(draft.title) > 120:
        yield Problem("invalid", "Enter a title of at most 120 characters.", path=f"{path}.title")
    if len(draft.body_markdown) > LONGEST:
        yield Problem("invalid", f"The page has more than {LONGEST} characters.", path=f"{path}.body_markdown")
