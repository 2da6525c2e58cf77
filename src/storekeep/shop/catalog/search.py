"""Finding products by words: a portable index of folded words, read by prefix ranges.

All words of a query must match (each a whole word or its beginning), what matches in title or SKU counts most, a whole
word counts double. Only products that the shop shows are in the index, so a search needs no join. When nothing
matches, a word of four letters or more that no product has is corrected by one letter, and the answer says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, literal, or_, select

from storekeep.kernel.db import Tx
from storekeep.shop.catalog.states import SHOWN
from storekeep.shop.catalog.store import chunks
from storekeep.shop.catalog.tables import category, product, search_term, variant
from storekeep.shop.catalog.words import best_correction, code_words, heaviest, query_words, words

TITLE, CODE, OPTION, CATEGORY, SUMMARY = 10, 12, 6, 4, 2
_CORRECTABLE = 4
_COUNTED = 2_000
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Hit:
    """A product that matches, and how well."""

    product_id: str
    score: int


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits, best first. `corrected` is what was searched instead, where the typed words found nothing."""

    hits: tuple[Hit, ...]
    count: int
    words: tuple[str, ...]
    corrected: str | None = None

    @property
    def next_after(self) -> tuple[int, str] | None:
        """The place to go on from; None when this page holds nothing."""
        return (self.hits[-1].score, self.hits[-1].product_id) if self.hits else None


def search(
    tx: Tx, text: str, *, limit: int = 24, after: tuple[int, str] | None = None, category_id: str | None = None
) -> Found:
    """The products that have all words of `text`, ranked; `after` is (score, product id) of the last hit seen.

    An empty or wordless text finds nothing. Reads only.
    """
    wanted = query_words(text)
    if not wanted:
        return Found((), 0, ())
    found = _run(tx, wanted, limit, after, category_id)
    if found.count or after is not None:
        return found
    corrected = _correct(tx, wanted)
    if corrected == wanted:
        return found
    second = _run(tx, corrected, limit, None, category_id)
    return Found(second.hits, second.count, second.words, " ".join(corrected)) if second.count else found


def matching(tx: Tx, word: str) -> ColumnElement[bool]:
    """The condition that a term is this word or begins with it; a single letter matches only as a whole word."""
    term = search_term.c.term
    if len(word) < 2:
        return term == word
    if tx.dialect == "postgresql":  # the operators that compare bytes and use the index made for them
        return and_(term.op("~>=~", is_comparison=True)(word), term.op("~<~", is_comparison=True)(word + _LAST))
    return and_(term >= word, term < word + _LAST)


def _run(tx: Tx, wanted: Sequence[str], limit: int, after: tuple[int, str] | None, category_id: str | None) -> Found:
    query = _query(tx, wanted, category_id)
    if after is not None:
        score, last = query.c.score, query.c.product_id
        page = select(query).where(or_(score < after[0], and_(score == after[0], last > after[1])))
    else:
        page = select(query)
    rows = tx.rows(page.order_by(query.c.score.desc(), query.c.product_id).limit(limit))
    count = rows[0].total if rows else 0
    hits = tuple(Hit(row.product_id, int(row.score)) for row in rows)
    return Found(hits, int(count), tuple(wanted))


def _query(tx: Tx, wanted: Sequence[str], category_id: str | None) -> Any:
    """The products of the rarest word, each with its best weight per word; the other words are looked up for those."""
    first, *others = _rarest_first(tx, wanted)
    query = select(search_term.c.product_id, _weight(first).label("best")).where(matching(tx, first))
    if category_id is not None:
        own = select(product.c.id).where(product.c.category_id == category_id)
        query = query.where(search_term.c.product_id.in_(own))
    found: Any = query.group_by(search_term.c.product_id).subquery("word0")
    for at, word in enumerate(others, start=1):
        best = (
            select(_weight(word))
            .where(search_term.c.product_id == found.c.product_id, matching(tx, word))
            .scalar_subquery()
        )
        joined = select(found.c.product_id, found.c.best, best.label("more")).subquery(f"more{at}")
        kept = select(joined.c.product_id, (joined.c.best + joined.c.more).label("best"))
        found = kept.where(joined.c.more.is_not(None)).subquery(f"word{at}")
    total = func.count(literal(1)).over()
    return select(found.c.product_id, found.c.best.label("score"), total.label("total")).subquery("hits")


def _weight(word: str) -> ColumnElement[int]:
    whole = case((search_term.c.term == word, 2 * search_term.c.weight), else_=search_term.c.weight)
    return func.max(whole)


def _rarest_first(tx: Tx, wanted: Sequence[str]) -> list[str]:
    """The words in ascending order of how many products have them, counted up to a bound."""
    if len(wanted) < 2:
        return list(wanted)
    counts = []
    for at, word in enumerate(wanted):
        some = select(literal(1)).select_from(search_term).where(matching(tx, word)).limit(_COUNTED).subquery(f"c{at}")
        counts.append(select(func.count(literal(1))).select_from(some).scalar_subquery().label(f"n{at}"))
    row = tx.rows(select(*counts))[0]
    return [word for _, _, word in sorted((row[at], at, word) for at, word in enumerate(wanted))]


def _correct(tx: Tx, wanted: Sequence[str]) -> list[str]:
    """The words with those that no product has replaced by the nearest that some product has (at most eight words)."""
    return [word if len(word) < _CORRECTABLE or _is_known(tx, word) else _nearest(tx, word) for word in wanted]


def _is_known(tx: Tx, word: str) -> bool:
    return tx.first(select(search_term.c.term).where(matching(tx, word)).limit(1)) is not None


def _nearest(tx: Tx, word: str) -> str:
    """Candidates are the words with the same first letters, and the typed word less or with two letters swapped."""
    less = {word[:at] + word[at + 1 :] for at in range(len(word))}
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    term, length = search_term.c.term, func.length(search_term.c.term)
    query = (
        select(term, func.count(literal(1)).label("products"))
        .where(
            or_(
                term.in_(sorted(less | swapped)),
                and_(matching(tx, word[:2]), length >= len(word) - 1, length <= len(word) + 1),
            )
        )
        .group_by(term)
        .order_by(func.min(search_term.c.weight), func.count(literal(1)).desc(), term)  # words of texts before codes
        .limit(2_000)
    )
    return best_correction(word, {row.term: row.products for row in tx.rows(query)}) or word


def reindex(tx: Tx, product_ids: Sequence[str]) -> None:
    """Write the words of these products anew; a product that the shop does not show keeps none."""
    for ids in chunks(sorted(set(product_ids))):
        tx.run(delete(search_term).where(search_term.c.product_id.in_(ids)))
        add_new(tx, ids)


def add_new(tx: Tx, product_ids: Sequence[str]) -> None:
    """Write the words of products that have none yet."""
    terms: list[dict[str, Any]] = []
    for ids in chunks(product_ids):
        coded: dict[str, set[str]] = {}
        optioned: dict[str, set[str]] = {}
        for row in tx.rows(_variants(ids)):
            codes = coded.setdefault(row.product_id, set())
            codes |= code_words(row.sku) | code_words(row.barcode or "")
            optioned.setdefault(row.product_id, set()).update(words(row.option_label))
        for row in tx.rows(_products(ids)):
            found = heaviest(
                (
                    (coded.get(row.id, ()), CODE),
                    (words(row.title), TITLE),
                    (optioned.get(row.id, ()), OPTION),
                    (words(row.name), CATEGORY),
                    (words(row.summary), SUMMARY),
                )
            )
            terms += [{"term": term, "product_id": row.id, "weight": weight} for term, weight in found.items()]
    tx.insert_many(search_term, terms)


def _products(ids: Sequence[str]) -> Select[Any]:
    shown = and_(product.c.id.in_(ids), product.c.status.in_(SHOWN))
    joined = product.join(category, category.c.id == product.c.category_id)
    return select(product.c.id, product.c.title, product.c.summary, category.c.name).select_from(joined).where(shown)


def _variants(ids: Sequence[str]) -> Select[Any]:
    columns = (variant.c.product_id, variant.c.sku, variant.c.barcode, variant.c.option_label)
    return select(*columns).where(variant.c.product_id.in_(ids), variant.c.status == "active")
