"""Products, variants, prices and pictures: what is written, what is refused."""

import pytest
from catalog_shelf import category, draft, make

from storekeep.kernel import tables as kernel_tables
from storekeep.kernel.clock import DAY, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict, Invalid, NotFound
from storekeep.shop.catalog import (
    CategoryDraft,
    MediaDraft,
    ProductChange,
    VariantChange,
    VariantDraft,
    categories,
    console,
    media,
    products,
    queries,
    revision,
    variants,
)
from storekeep.shop.catalog.lookups import resolve_codes, variants_by_ids


def paths(caught: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [problem.path for problem in caught.value.problems]


def test_a_product_comes_back_with_its_variants_pictures_and_category(db: Database) -> None:
    with db.begin() as tx:
        blue = VariantDraft(" mug-blu ", 1_490, "blue", barcode="4006381333931", weight_g=350)
        pictures = (MediaDraft("mug.svg", "A mug"), MediaDraft("mug-blue.svg", "A blue mug", "mug-blu"))
        made = make(tx, draft(category(tx), "mug", "Mug", blue, VariantDraft("MUG-RED", 1_590, "red"), media=pictures))[
            0
        ]
    with db.read() as tx:
        page = queries.product_page(tx, "mug")
    assert page is not None
    assert page.category.slug == "mugs"
    assert [row.sku for row in page.variants] == ["MUG-BLU", "MUG-RED"]
    assert [row.id for row in page.variants] == list(made.variant_ids)
    assert [(row.file_name, row.variant_id) for row in page.media] == [
        ("mug.svg", None),
        ("mug-blue.svg", made.variant_ids[0]),
    ]


def test_every_problem_of_an_import_is_named_at_its_row_and_field_and_nothing_is_written(db: Database) -> None:
    with db.begin() as tx:
        home = category(tx)
        make(tx, draft(home, "mug", "Mug", VariantDraft("MUG", 1, barcode="11112222")))
    bad = [
        draft(home, "mug", "Again", VariantDraft("mug", 5)),
        draft(home, "Bad Slug", " ", VariantDraft("A?", -1), VariantDraft("B", 10**9 + 1)),
        draft("nowhere", "twin", "Twin", VariantDraft("SAME", 1, barcode="11112222")),
        draft(home, "twin", "Twin", VariantDraft("same", 1), tax_class="luxury"),
        draft(home, "fine", "Fine", VariantDraft("F", 1, status="closed"), media=(MediaDraft("../x", "", "NONE"),)),
        draft(home, "odd", "Odd", VariantDraft("ODD", 1.5), VariantDraft("", 1)),  # type: ignore[arg-type]
    ]
    with pytest.raises(Invalid) as caught, db.begin() as tx:
        products.create(tx, bad)
    assert sorted(paths(caught)) == sorted(
        [
            "0.slug", "0.variants.0.sku",
            "1.slug", "1.title", "1.variants.0.sku", "1.variants.0.price_minor", "1.variants.1.price_minor",
            "2.category_id", "2.variants.0.barcode",
            "3.slug", "3.variants.0.sku", "3.tax_class",
            "4.variants", "4.media.0.file_name", "4.media.0.alt", "4.media.0.variant_sku",
            "5.variants.0.price_minor", "5.variants.1.sku",
        ]
    )  # fmt: skip
    with db.read() as tx:
        assert len(console.all_products(tx).rows) == 1


def test_price_and_name_limits_themselves_are_accepted(db: Database) -> None:
    with db.begin() as tx:
        make(tx, draft(category(tx), "a", "t" * 200, VariantDraft("S" * 64, 10**9), VariantDraft("FREE", 0)))


def test_five_thousand_products_are_imported_in_few_statements(db: Database) -> None:
    with db.begin() as tx:
        home = category(tx)
        statements = []
        import sqlalchemy as sa

        sa.event.listen(tx.conn, "before_cursor_execute", lambda *a: statements.append(a[2]))
        drafts = [draft(home, f"p-{n}", f"Thing {n}", VariantDraft(f"P{n}", n)) for n in range(5_000)]
        made = products.create(tx, drafts)
    assert len(made) == 5_000
    assert len(statements) <= 20


def test_a_change_of_price_is_kept_in_the_history(db: Database, clock: VirtualClock) -> None:
    with db.begin() as tx:
        made = make(tx, draft(category(tx), "mug", "Mug"))[0]
    clock.sleep(DAY)
    with db.begin(actor="staff:1") as tx:
        variants.set_prices(tx, {made.variant_ids[0]: 1_200})
        variants.set_prices(tx, {made.variant_ids[0]: 1_200})
    with db.read() as tx:
        history = console.price_history(tx, made.variant_ids[0])
        assert [row.price_minor for row in history] == [1_200, 1_000]
        assert history[0].valid_from - history[1].valid_from == DAY
        assert variants_by_ids(tx, made.variant_ids)[made.variant_ids[0]].price_minor == 1_200
        audited = tx.rows(kernel_tables.audit_entry.select().where(kernel_tables.audit_entry.c.actor == "staff:1"))
        assert [(row.action, row.before, row.after) for row in audited] == [
            ("variant.changed", '{"price_minor":1000}', '{"price_minor":1200}')
        ]


def test_a_stale_page_does_not_overwrite_what_someone_else_saved(db: Database) -> None:
    with db.begin() as tx:
        made = make(tx, draft(category(tx), "mug", "Mug"))[0]
    with db.begin() as tx:
        products.update(tx, [ProductChange(made.product_id, title="Cup", expected_revision=1)])
    with pytest.raises(Conflict, match="someone else"), db.begin() as tx:
        products.update(tx, [ProductChange(made.product_id, title="Beaker", expected_revision=1)])
    with db.read() as tx:
        page = queries.product_by_id(tx, made.product_id)
        assert page is not None
        assert (page.product.title, page.product.revision) == ("Cup", 2)


def test_codes_and_addresses_stay_unique_when_products_change(db: Database) -> None:
    with db.begin() as tx:
        home = category(tx)
        one, two = make(tx, draft(home, "one", "One"), draft(home, "two", "Two"))
    with pytest.raises(Invalid) as caught, db.begin() as tx:
        products.update(tx, [ProductChange(two.product_id, slug="one")])
    assert paths(caught) == ["0.slug"]
    with pytest.raises(Invalid) as caught, db.begin() as tx:
        variants.update(tx, [VariantChange(two.variant_ids[0], sku="one ", price_minor=-5)])
    assert sorted(paths(caught)) == ["0.price_minor", "0.sku"]
    with db.begin() as tx:
        variants.update(tx, [VariantChange(one.variant_ids[0], sku="one", barcode="12345678")])
        variants.update(tx, [VariantChange(one.variant_ids[0], barcode="")])
        assert variants_by_ids(tx, one.variant_ids)[one.variant_ids[0]].sku == "ONE"


def test_an_archived_product_is_not_shown_but_its_variants_are_still_known(db: Database) -> None:
    with db.begin() as tx:
        made = make(tx, draft(category(tx), "mug", "Mug"))[0]
    with db.begin() as tx:
        products.archive(tx, [made.product_id])
        products.archive(tx, [made.product_id])
    with db.read() as tx:
        assert queries.product_page(tx, "mug") is None
        assert queries.product_page(tx, "mug", also_hidden=True) is not None
        facts = variants_by_ids(tx, made.variant_ids)[made.variant_ids[0]]
        assert (facts.product_status, facts.is_sellable) == ("archived", False)
        changes = kernel_tables.status_change
        assert [row.to_status for row in tx.rows(changes.select().order_by(changes.c.id))] == ["active", "archived"]


def test_a_shown_product_keeps_something_to_sell(db: Database) -> None:
    with db.begin() as tx:
        home = category(tx)
        shown = make(tx, draft(home, "mug", "Mug"))[0]
        empty = make(tx, draft(home, "jar", "Jar", VariantDraft("JAR", 1, status="closed"), status="draft"))[0]
    with pytest.raises(Conflict, match="Archive"), db.begin() as tx:
        variants.update(tx, [VariantChange(shown.variant_ids[0], status="closed")])
    with pytest.raises(Conflict, match="no active variant"), db.begin() as tx:
        products.activate(tx, [empty.product_id])
    with db.begin() as tx:
        variants.add(tx, [(empty.product_id, VariantDraft("JAR-L", 2, "large"))])
        products.activate(tx, [empty.product_id])
    with db.read() as tx:
        page = queries.product_page(tx, "jar")
        assert page is not None
        assert [row.sku for row in page.variants] == ["JAR-L"]


def test_pictures_are_replaced_as_a_whole(db: Database) -> None:
    with db.begin() as tx:
        made = make(tx, draft(category(tx), "mug", "Mug", media=(MediaDraft("old.svg", "Old"),)))[0]
    with db.begin() as tx:
        media.replace_all(tx, {made.product_id: [MediaDraft("new.svg", "New", "mug"), MediaDraft("side.svg", "Side")]})
    with pytest.raises(Invalid), db.begin() as tx:
        media.replace_all(tx, {made.product_id: [MediaDraft("/etc/passwd", "no")]})
    with db.read() as tx:
        page = queries.product_page(tx, "mug")
        assert page is not None
        assert [row.file_name for row in page.media] == ["new.svg", "side.svg"]


def test_what_an_anonymous_page_shows_moves_the_revision(db: Database) -> None:
    seen = []

    def look() -> None:
        with db.read() as tx:
            seen.append(revision(tx))

    look()
    with db.begin() as tx:
        home = category(tx)
    look()
    with db.begin() as tx:
        made = make(tx, draft(home, "mug", "Mug"))[0]
    look()
    for change in (
        lambda tx: products.update(tx, [ProductChange(made.product_id, summary="New")]),
        lambda tx: variants.set_prices(tx, {made.variant_ids[0]: 1}),
        lambda tx: media.replace_all(tx, {made.product_id: []}),
        lambda tx: products.archive(tx, [made.product_id]),
        lambda tx: categories.update(tx, [(home, CategoryDraft("cups", "Cups"))]),
    ):
        with db.begin() as tx:
            change(tx)
        look()
    assert seen == sorted(set(seen))
    with db.begin() as tx:
        products.update(tx, [ProductChange(made.product_id, summary="New")])
        products.archive(tx, [made.product_id])
        assert revision(tx) == seen[-1]


def test_a_category_with_products_is_not_removed(db: Database) -> None:
    with db.begin() as tx:
        home, empty = category(tx), category(tx, "bowls", "Bowls")
        make(tx, draft(home, "mug", "Mug"))
        categories.remove(tx, [empty])
    with pytest.raises(Conflict, match="Mugs"), db.begin() as tx:
        categories.remove(tx, [home])
    with pytest.raises(NotFound), db.begin() as tx:
        categories.remove(tx, [empty])
    with pytest.raises(Invalid) as caught, db.begin() as tx:
        categories.create(tx, [CategoryDraft("x", ""), CategoryDraft("mugs", "Mugs")])
    assert paths(caught) == ["0.name", "1.slug"]
    with db.read() as tx:
        assert [(one.slug, one.product_count) for one in queries.categories(tx)] == [("mugs", 1)]


def test_scanned_codes_find_their_variant_by_sku_or_barcode(db: Database) -> None:
    with db.begin() as tx:
        home = category(tx)
        variants_drafts = (VariantDraft("MUG-1", 1, barcode="40012345"), VariantDraft("40012345", 2, "b"))
        made = make(tx, draft(home, "mug", "Mug", *variants_drafts))[0]
    with db.read() as tx:
        found = resolve_codes(tx, [" mug-1", "40012345", "unknown", ""])
        assert {code: facts.variant_id for code, facts in found.items()} == {
            " mug-1": made.variant_ids[0],
            "40012345": made.variant_ids[1],
        }


def test_ids_that_are_no_ids_are_simply_unknown(db: Database) -> None:
    with db.read() as tx:
        assert variants_by_ids(tx, ["' OR 1=1", "", "0" * 36]) == {}
        assert queries.product_by_id(tx, "7") is None
        assert console.price_history(tx, "x") == []
