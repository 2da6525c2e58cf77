"""The demo catalogue holds together: everything unique, priced with sense, shelved and described."""

from __future__ import annotations

from collections import Counter

import pytest

from storekeep.world.demo import CATEGORIES, PAGES, PROBLEMS, PRODUCTS, SHOPPERS
from storekeep.world.demo.build import ean13

VARIANTS = [variant for product in PRODUCTS for variant in product.variants]


def doubles(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def test_there_are_about_a_hundred_and_fifty_products_on_ten_shelves() -> None:
    assert 140 <= len(PRODUCTS) <= 180
    assert len(CATEGORIES) == 10
    filled = Counter(product.category_slug for product in PRODUCTS)
    assert set(filled) == {category.slug for category in CATEGORIES}
    assert min(filled.values()) >= 8


def test_slugs_skus_barcodes_and_texts_are_unique() -> None:
    assert doubles([product.slug for product in PRODUCTS]) == []
    assert doubles([product.title for product in PRODUCTS]) == []
    assert doubles([product.summary for product in PRODUCTS]) == []
    assert doubles([product.description for product in PRODUCTS]) == []
    assert doubles([variant.sku for variant in VARIANTS]) == []
    assert doubles([variant.barcode for variant in VARIANTS]) == []


def test_options_are_unique_within_a_product_and_empty_only_when_single() -> None:
    for product in PRODUCTS:
        options = [variant.option for variant in product.variants]
        assert doubles(options) == [], product.slug
        assert all(options) or options == [""], product.slug


def test_skus_are_short_and_scannable() -> None:
    for variant in VARIANTS:
        assert len(variant.sku) <= 14
        assert set(variant.sku) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"), variant.sku


def test_a_known_article_number_gets_its_known_check_digit() -> None:
    assert ean13("400638133393") == "4006381333931"
    with pytest.raises(ValueError, match="12 digits"):
        ean13("40063813339")


def test_barcodes_are_valid_and_from_the_in_store_range() -> None:
    for variant in VARIANTS:
        digits = [int(digit) for digit in variant.barcode]
        assert len(digits) == 13
        assert (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0, variant.sku
        assert variant.barcode.startswith("200")


def test_prices_leave_something_and_old_prices_were_higher() -> None:
    for variant in VARIANTS:
        assert 0 < variant.cost_minor < variant.price_minor, variant.sku
        # Even at the highest rate in the European Union (27 %) the net price stays above the cost.
        assert variant.cost_minor * 127 < variant.price_minor * 100, variant.sku
        if variant.compare_at_minor is not None:
            assert variant.compare_at_minor > variant.price_minor, variant.sku


def test_weights_measures_and_stock_figures_are_sensible() -> None:
    for variant in VARIANTS:
        assert 0 < variant.weight_g <= 10_000, variant.sku
        assert min(variant.length_mm, variant.width_mm, variant.height_mm) > 0, variant.sku
        assert variant.reorder_point > 0
        assert variant.opening_stock >= 0
    assert all(1 <= product.popularity <= 100 for product in PRODUCTS)


def test_a_few_variants_open_low_so_that_the_reorder_list_has_work() -> None:
    low = [variant for variant in VARIANTS if variant.opening_stock < variant.reorder_point]
    assert 3 <= len(low) <= len(VARIANTS) // 8


def test_descriptions_have_two_to_five_sentences_and_do_not_shout() -> None:
    for product in PRODUCTS:
        sentences = [part for part in product.description.split(". ") if part]
        assert 2 <= len(sentences) <= 5, product.slug
        assert "!" not in product.description + product.summary + product.title


def test_only_food_and_drink_is_taxed_at_the_reduced_rate() -> None:
    reduced = [product for product in PRODUCTS if product.tax_class == "reduced"]
    assert len(reduced) >= 5
    assert all(variant.sku.startswith("PAN-") for product in reduced for variant in product.variants)


def test_shoppers_have_reserved_mail_addresses_and_live_in_many_countries() -> None:
    assert len(SHOPPERS) >= 40
    assert doubles([shopper.email for shopper in SHOPPERS]) == []
    assert all(shopper.email.endswith(("@example.com", "@example.org")) for shopper in SHOPPERS)
    assert {"DE", "AT", "FR", "NL", "IE", "GB", "CH", "US"} <= {shopper.country for shopper in SHOPPERS}
    assert all(shopper.line1 and shopper.city and shopper.postcode for shopper in SHOPPERS)
    assert all(shopper.region for shopper in SHOPPERS if shopper.country == "US")


def test_pages_and_problems_cover_what_the_shop_needs() -> None:
    assert {"terms", "privacy", "returns", "about", "delivery"} == {page.slug for page in PAGES}
    assert {problem.reason for problem in PROBLEMS} == {"wrong_item", "damaged", "not_arrived", "other"}
    assert len(PROBLEMS) >= 25
    for page in PAGES:
        assert len(page.body_md) > 400
        assert not any(mark in page.body_md for mark in ("TODO", "[", "{", "lorem"))
