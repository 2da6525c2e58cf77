"""Search and lists: what is found, in which order, page by page."""

import pytest
from catalog_shelf import category, draft, make

from storekeep.kernel.db import Database
from storekeep.kernel.errors import Invalid
from storekeep.shop.catalog import (
    CategoryDraft,
    MediaDraft,
    ProductChange,
    VariantChange,
    VariantDraft,
    categories,
    console,
    products,
    queries,
    variants,
)
from storekeep.shop.catalog.model import slugify
from storekeep.shop.catalog.search import search
from storekeep.shop.catalog.words import one_edit_apart, words


@pytest.fixture
def shop(db: Database) -> dict[str, str]:
    with db.begin() as tx:
        table, kitchen = category(tx, "table", "Table"), category(tx, "kitchen", "Kitchen")
        made = make(
            tx,
            draft(table, "mug", "Stoneware mug", VariantDraft("MUG-BLU-01", 1_490, "blue", barcode="4006381333931")),
            draft(table, "dish", "Crème brûlée dish", VariantDraft("DISH", 900), summary="Goes with a mug"),
            draft(kitchen, "pan", "Iron pan", VariantDraft("PAN-20", 4_000, "20 cm"), VariantDraft("PAN-28", 6_000)),
            draft(kitchen, "secret", "Secret mug", VariantDraft("SEC", 100), status="draft"),
        )
    return dict(zip(("mug", "dish", "pan", "secret"), (one.product_id for one in made), strict=True))


def hits(db: Database, text: str, **more: str) -> list[str]:
    with db.read() as tx:
        found = search(tx, text, **more)  # type: ignore[arg-type]
        assert found.count == len(found.hits)
        return [card.slug for card in queries.cards(tx, [hit.product_id for hit in found.hits])]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("mug", ["mug", "dish"]),
        ("stone", ["mug"]),
        ("MUG blue", ["mug"]),
        ("creme BRULEE", ["dish"]),
        ("brûlée", ["dish"]),
        ("mug-blu-01", ["mug"]),
        ("mugblu01", ["mug"]),
        ("4006381333931", ["mug"]),
        ("kitchen pan", ["pan"]),
        ("iron mug", []),
        ("secret", []),
        ("", []),
        ("  ?! ", []),
        ("%", []),
        ("'; DROP TABLE product; --", []),
    ],
)
def test_all_words_must_match_and_the_best_come_first(
    db: Database, shop: dict[str, str], typed: str, expected: list[str]
) -> None:
    assert hits(db, typed) == expected


@pytest.mark.parametrize(
    ("typed", "corrected"),
    [("stonewaer", "stoneware"), ("stonware mug", "stoneware mug"), ("diish", "dish"), ("bruleee", "brulee")],
)
def test_one_wrong_letter_is_forgiven_and_said(db: Database, shop: dict[str, str], typed: str, corrected: str) -> None:
    with db.read() as tx:
        found = search(tx, typed)
    assert found.corrected == corrected
    assert found.count == 1


def test_a_word_that_nothing_resembles_finds_nothing_and_claims_nothing(db: Database, shop: dict[str, str]) -> None:
    with db.read() as tx:
        found = search(tx, "zeppelin " * 100)
    assert (found.hits, found.count, found.corrected) == ((), 0, None)


def test_search_follows_every_change_of_a_product(db: Database, shop: dict[str, str]) -> None:
    with db.begin() as tx:
        products.update(tx, [ProductChange(shop["mug"], title="Beaker")])
        products.activate(tx, [shop["secret"]])
        products.archive(tx, [shop["pan"]])
    assert hits(db, "stoneware") == []
    assert hits(db, "beaker") == ["mug"]
    assert hits(db, "secret") == ["secret"]
    assert hits(db, "pan") == []
    with db.begin() as tx:
        variants.update(tx, [VariantChange(queries.product_page(tx, "dish").variants[0].id, sku="NEW-77")])  # type: ignore[union-attr]
        kitchen = queries.category_by_slug(tx, "kitchen")
        assert kitchen is not None
        categories.update(tx, [(kitchen.id, CategoryDraft("kitchen", "Workshop"))])
    assert hits(db, "new77") == ["dish"]
    assert hits(db, "workshop") == ["secret"]


def test_search_can_stay_inside_a_category_and_goes_on_page_by_page(db: Database) -> None:
    with db.begin() as tx:
        one, two = category(tx, "one", "One"), category(tx, "two", "Two")
        make(tx, *(draft(one if n % 2 else two, f"p-{n}", f"Plate {n}") for n in range(25)))
    with db.read() as tx:
        assert search(tx, "plate", category_id=one).count == 12
        seen: list[str] = []
        after = None
        while (found := search(tx, "plate", limit=10, after=after)).hits:
            seen += [hit.product_id for hit in found.hits]
            after = found.next_after
    assert len(seen) == len(set(seen)) == 25


def test_lists_page_by_key_in_every_order(db: Database) -> None:
    with db.begin() as tx:
        home = category(tx)
        prices = [500, 100, 500, 300, 100, 900, 500]
        drafts = [
            draft(
                home,
                f"p-{n}",
                f"Thing {chr(71 - n)}",
                VariantDraft(f"P{n}", price),
                media=(MediaDraft(f"{n}.svg", "x"),),
            )
            for n, price in enumerate(prices)
        ]
        make(tx, *drafts)
    for sort, key in (("price_up", 1), ("price_down", -1), ("title", 0), ("newest", 0)):
        with db.read() as tx:
            seen: list[queries.Card] = []
            after: str | None = None
            while True:
                page = queries.product_list(tx, category_id=home, sort=sort, after=after, limit=3)
                seen += page.cards
                after = page.next_after
                if after is None:
                    break
        assert sorted(card.slug for card in seen) == [f"p-{n}" for n in range(7)]
        if key:
            found = [card.price_from_minor for card in seen]
            assert found == sorted(prices, reverse=key < 0)
        else:
            assert [card.slug for card in seen] == [f"p-{n}" for n in reversed(range(7))]


def test_a_list_can_be_bounded_by_price(db: Database, shop: dict[str, str]) -> None:
    with db.read() as tx:
        found = queries.product_list(tx, price_min=900, price_max=1_490)
        assert {card.slug for card in found.cards} == {"mug", "dish"}


def test_a_card_says_from_which_price_and_what_to_put_in_the_cart(db: Database, shop: dict[str, str]) -> None:
    with db.read() as tx:
        pan, mug = queries.cards(tx, [shop["pan"], shop["mug"]])
    assert (pan.price_from_minor, pan.price_to_minor, pan.variant_count, pan.variant_id) == (4_000, 6_000, 2, None)
    assert mug.variant_count == 1
    assert mug.variant_id is not None


@pytest.mark.parametrize("after", ["", "x", "!!!", "W10", "WzEsMl0", "bnVsbA", "ünï", "WyJ4IiwieSJd"])
def test_a_broken_link_into_a_list_is_named(db: Database, after: str) -> None:
    with db.read() as tx:
        for sort in queries.SORTS:
            with pytest.raises(Invalid, match="first page"):
                queries.product_list(tx, sort=sort, after=after)
        with pytest.raises(Invalid):
            queries.product_list(tx, sort="random")


def test_the_owner_finds_products_of_every_status_by_title_or_sku(db: Database, shop: dict[str, str]) -> None:
    with db.read() as tx:
        assert [row.slug for row in console.all_products(tx, text="mug").rows] == ["secret", "mug"]
        assert [row.slug for row in console.all_products(tx, text="pan-2").rows] == ["pan"]
        assert [row.slug for row in console.all_products(tx, status="draft").rows] == ["secret"]
        assert console.all_products(tx, text="100%").rows == ()
        first = console.all_products(tx, limit=3)
        rest = console.all_products(tx, limit=3, after=first.next_after)
        assert [row.slug for row in (*first.rows, *rest.rows)] == ["secret", "pan", "dish", "mug"]


def test_words_are_folded_and_edits_counted() -> None:
    assert words("Große Œuvre, l’été!") == ["grosse", "oeuvre", "lete"]
    assert slugify("Crème brûlée set (4)") == "creme-brulee-set-4"
    assert one_edit_apart("abc", "acb")
    assert one_edit_apart("abc", "abcd")
    assert one_edit_apart("abc", "axc")
    assert not one_edit_apart("abc", "abc")
    assert not one_edit_apart("abc", "axd")
    assert not one_edit_apart("", "ab")
