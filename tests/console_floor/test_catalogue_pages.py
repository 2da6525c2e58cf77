"""Products, pictures, categories, codes, settings and staff through their pages."""

import struct
import zlib

import pytest
from floor_desk import PASSWORD, Desk

from storekeep.shop.access import sessions
from storekeep.shop.access import staff as people
from storekeep.shop.catalog import queries
from storekeep.shop.pricing import queries as prices
from storekeep.shop.pricing import rules
from storekeep.shop.site import pages, profile

FIRST = {
    "title": "Oak spoon", "tax_class": "standard", "sku": "spoon-oak", "price": "12.50", "cost": "4", "weight_g": "80",
}  # fmt: skip


def category_id(desk: Desk) -> str:
    with desk.shop.db.read() as tx:
        return queries.categories(tx)[0].id


def png(width: int = 2) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\x00" * (3 * width + 1)))
        + chunk(b"IEND", b"")
    )


def new_product(desk: Desk) -> str:
    """The address of a new draft."""
    answer = desk.post("/console/products", {**FIRST, "category_id": category_id(desk)})
    assert answer.status == 303
    return answer.place


def test_a_product_is_made_pictured_shown_changed_and_archived(desk: Desk) -> None:
    home = new_product(desk)
    added = desk.upload(f"{home}/pictures", {"alt": "A spoon"}, "picture", "../../evil name.php", png())
    assert added.status == 303
    with desk.shop.db.read() as tx:
        found = queries.product_by_id(tx, home.rsplit("/", 1)[1])
    assert found is not None
    picture = desk.get(f"/media/{found.media[0].file_name}", None)
    assert picture.body == png()
    assert picture.headers["content-type"] == "image/png"
    assert desk.post(f"{home}/status", {"to": "active"}).status == 303
    texts = {"title": "Oak spoon, large", "slug": "oak-spoon", "category_id": category_id(desk), "tax_class": "reduced"}
    revision = desk.get(home).hidden("revision")
    assert desk.post(home, {**texts, "revision": revision}).status == 303
    stale = desk.post(home, {**texts, "title": "Other", "revision": revision})
    assert stale.status == 409
    assert "changed by someone else" in stale.text
    assert desk.post(f"{home}/status", {"to": "archived"}).status == 303
    assert "Archived" in desk.get(home).text


def test_a_sku_that_is_taken_is_said_at_its_field_and_nothing_typed_is_lost(desk: Desk) -> None:
    answer = desk.post("/console/products", {**FIRST, "sku": "mug", "category_id": category_id(desk)})
    assert answer.status == 422
    assert "The SKU MUG belongs to another variant" in answer.text
    assert 'id="sku-error"' in answer.text
    assert 'value="Oak spoon"' in answer.text
    home = new_product(desk)
    again = desk.post(f"{home}/variants/new", {**FIRST, "sku": "SPOON-OAK"})
    assert again.status == 422
    assert 'id="sku-error"' in again.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", "-1"),
        ("price", "99999999999999"),
        ("price", "1.234,5.6"),
        ("weight_g", "-1"),
        ("weight_g", "99999999999"),
        ("was", "3.00"),
        ("barcode", "!"),
        ("title", ""),
        ("title", "x" * 300),
        ("category_id", "00000000-0000-0000-0000-000000000000"),
    ],
)
def test_what_does_not_fit_a_product_is_said_at_its_field(desk: Desk, field: str, value: str) -> None:
    answer = desk.post("/console/products", {**FIRST, "category_id": category_id(desk), field: value})
    assert answer.status == 422
    assert f'id="{field}-error"' in answer.text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"GIF89a" + b"x" * 50, "a GIF picture"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"<svg xmlns='x'><script/></svg>", "an SVG drawing"),
        (b"<!doctype html><p>hello", "a web page"),
        (png()[:-20], "damaged or cut off"),
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * (4 * 1024 * 1024 + 1), "at most 4 MB"),
        (b"just words", "a file of another kind"),
    ],
)
def test_an_upload_that_is_no_picture_names_what_was_found(desk: Desk, data: bytes, said: str) -> None:
    home = new_product(desk)
    answer = desk.upload(f"{home}/pictures", {"alt": "A spoon"}, "picture", "spoon.png", data)
    assert answer.status == 422
    assert said in answer.text
    assert 'id="picture-error"' in answer.text
    assert not list(desk.shop.house.media_folder.rglob("*.png"))


def test_variants_are_added_priced_closed_and_keep_their_price_history(desk: Desk) -> None:
    home = new_product(desk)
    assert desk.post(f"{home}/variants/new", {**FIRST, "sku": "SPOON-ASH", "option_label": "Ash"}).status == 303
    with desk.shop.db.read() as tx:
        found = queries.product_by_id(tx, home.rsplit("/", 1)[1])
    assert found is not None
    one = f"{home}/variants/{found.variants[1].id}"
    assert desk.post(one, {**FIRST, "sku": "SPOON-ASH", "price": "9.90", "was": "12.50"}).status == 303
    page = desk.get(one).text
    assert "€9.90" in page
    assert "€12.50" in page
    assert desk.post(f"{one}/status", {"to": "closed"}).status == 303
    assert "Closed" in desk.get(home).text


def test_categories_are_made_changed_and_removed_only_when_empty(desk: Desk) -> None:
    url = "/console/products/categories"
    assert desk.post(url, {"name": "Spoons"}).status == 303
    assert desk.post(url, {"name": "Spoons"}).status == 422
    with desk.shop.db.read() as tx:
        rows = {row.name: row.id for row in queries.categories(tx)}
    assert desk.post(f"{url}/{rows['Spoons']}", {"name": "Ladles", "slug": "ladles", "position": "0"}).status == 303
    assert desk.post(f"{url}/{rows['Things']}/remove").status == 409
    assert desk.post(f"{url}/{rows['Spoons']}/remove").status == 303


def test_a_code_is_made_listed_with_its_uses_and_switched_off(desk: Desk) -> None:
    fields = {"code": "spring 10", "percent": "10", "minimum": "20", "last_day": "2027-01-31", "max_uses": "5"}
    assert desk.post("/console/codes", fields).status == 303
    clash = desk.post("/console/codes", fields)
    assert clash.status == 422
    assert 'id="code-error"' in clash.text
    for field, value in (
        ("percent", "0"),
        ("percent", "101"),
        ("minimum", "-1"),
        ("max_uses", "-3"),
        ("last_day", "x"),
    ):
        answer = desk.post("/console/codes", {**fields, "code": "OTHER", field: value})
        assert answer.status == 422
        assert f'id="{field}-error"' in answer.text
    past = desk.post("/console/codes", {**fields, "code": "OTHER", "last_day": "2020-01-01"})
    assert 'id="last_day-error"' in past.text
    with desk.shop.db.read() as tx:
        code = prices.codes_listed(tx).codes[0]
    assert "Not used yet" in desk.get(f"/console/codes/{code.id}").text
    assert desk.post(f"/console/codes/{code.id}/switch", {"to": "off"}).status == 303
    with desk.shop.db.read() as tx:
        assert not prices.codes_listed(tx).codes[0].is_active


def test_the_profile_is_saved_and_refused_field_by_field(desk: Desk) -> None:
    with desk.shop.db.read() as tx:
        shop = profile.load(tx)
    good = {name: str(getattr(shop, name)) for name in ("email", "currency", "timezone", "base_country", "public_url",
            "sender", *profile.NUMBERS)}  # fmt: skip
    good |= {"name": "Fern", "address": "Road 1\n10115 Berlin"}
    assert desk.post("/console/settings", good).status == 303
    with desk.shop.db.read() as tx:
        assert profile.load(tx).address_lines == ("Road 1", "10115 Berlin")
    for field, value in (("timezone", "Mars/Base"), ("currency", "XXQ"), ("return_days", "-1"), ("email", "nobody"),
                         ("public_url", "http://shop.example.com"), ("name", "")):  # fmt: skip
        answer = desk.post("/console/settings", {**good, field: value})
        assert answer.status == 422
        assert f'id="{field}-error"' in answer.text


def test_the_demo_world_is_switched_only_in_a_demo_shop(desk: Desk) -> None:
    assert desk.post("/console/settings/demo-world", {"to": "on"}).status == 409
    with desk.shop.db.begin() as tx:
        profile.save(tx, {"is_demo": True})
    assert desk.post("/console/settings/demo-world", {"to": "on"}).status == 303
    with desk.shop.db.read() as tx:
        assert profile.load(tx).demo_world_on


def test_delivery_methods_are_changed_one_by_one(desk: Desk) -> None:
    one = "/console/settings/delivery/methods/standard-home"
    fields = {"label": "Post", "zone": "home", "kind": "weight_banded", "bands": "2000: 5.20\n10000 g: 7,90\nmore: 15",
              "tax_class": "standard", "min_days": "1", "max_days": "3", "is_active": "1"}  # fmt: skip
    assert desk.post(one, fields).status == 303
    with desk.shop.db.read() as tx:
        method = next(each for each in rules.delivery_methods(tx) if each.code == "standard-home")
        before = len(rules.delivery_methods(tx))
    assert [(band.up_to, band.amount_minor) for band in method.bands] == [(2000, 520), (10000, 790), (None, 1500)]
    assert "more: 15.00" in desk.get(one).text
    for field, value in (("bands", "nonsense"), ("bands", "5: 1\n3: 2"), ("min_days", "9"), ("max_weight_g", "-1")):
        answer = desk.post(one, {**fields, field: value})
        assert answer.status == 422, (field, value)
    new = {**fields, "code": "pickup", "kind": "flat", "amount": "0", "bands": ""}
    assert desk.post("/console/settings/delivery/new", new).status == 303
    assert 'id="code-error"' in desk.post("/console/settings/delivery/new", new).text
    assert desk.post("/console/settings/delivery/methods/pickup/remove").status == 303
    with desk.shop.db.read() as tx:
        assert len(rules.delivery_methods(tx)) == before


def test_countries_and_their_rates_are_changed_together(desk: Desk) -> None:
    home = "/console/settings/countries"
    fields = {"name": "Sweden", "includes": "yes", "zone": "europe", "is_active": "1",
              "rate_standard": "25", "rate_reduced": "12", "rate_zero": "0"}  # fmt: skip
    assert desk.post(f"{home}/new", {**fields, "country": "se"}).status == 303
    assert 'id="country-error"' in desk.post(f"{home}/new", {**fields, "country": "SE"}).text
    assert 'id="rate_standard-error"' in desk.post(f"{home}/SE", {**fields, "rate_standard": "120"}).text
    assert 'id="rate_zero-error"' in desk.post(f"{home}/SE", {**fields, "rate_zero": ""}).text
    assert desk.post(f"{home}/SE", {**fields, "rate_standard": "24.5"}).status == 303
    with desk.shop.db.read() as tx:
        rates = {row.tax_class: row.rate_bp for row in prices.taxes(tx) if row.country == "SE"}
    assert rates == {"standard": 2450, "reduced": 1200, "zero": 0}


def test_a_page_is_previewed_saved_and_removed_and_cannot_bring_markup(desk: Desk) -> None:
    new = "/console/settings/pages/new"
    body = "# Hello\n\n<script>alert(1)</script> **bold**"
    seen = desk.post(new, {"title": "About us", "body": body, "do": "preview"})
    assert seen.status == 200
    assert "<strong>bold</strong>" in seen.text
    assert "<script>alert" not in seen.text
    assert desk.post(new, {"title": "About us", "body": body, "do": "save"}).status == 303
    assert 'id="slug-error"' in desk.post(new, {"title": "About us", "body": body}).text
    assert desk.post("/console/settings/pages/page/about-us/remove").status == 303
    with desk.shop.db.read() as tx:
        assert pages.by_slug(tx, "about-us") is None


def test_staff_are_added_changed_disabled_and_change_their_own_password(desk: Desk) -> None:
    fields = {"name": "Pia Picker", "email": "pia@example.com", "role": "warehouse", "limit": "0"}
    weak = desk.post("/console/staff", {**fields, "password": "short"})
    assert weak.status == 422
    assert 'id="password-error"' in weak.text
    assert desk.post("/console/staff", {**fields, "password": "seven green kettles sing"}).status == 303
    assert 'id="email-error"' in desk.post("/console/staff", {**fields, "password": "seven green kettles sing"}).text
    last = desk.post(f"/console/staff/{desk.ids['owner']}", {"name": "Owner", "role": "agent", "limit": "0"})
    assert 'id="role-error"' in last.text
    assert desk.post(f"/console/staff/{desk.ids['agent']}/switch", {"to": "disabled"}).status == 303
    with desk.shop.db.read() as tx:
        assert sessions.find(tx, desk.sessions["agent"]) is None
        row = people.get(tx, desk.ids["agent"])
        assert row is not None
        assert row.status == "disabled"
    mine = {"current": PASSWORD, "password": "nine blue lamps on a hill", "again": "nine blue lamps on a hill"}
    assert 'id="current-error"' in desk.post("/console/staff/me", {**mine, "current": "wrong"}, "warehouse").text
    assert 'id="again-error"' in desk.post("/console/staff/me", {**mine, "again": "other"}, "warehouse").text
    assert desk.post("/console/staff/me", mine, "warehouse").status == 303
    assert desk.get("/console/pick", "warehouse").status == 200, "this session goes on"
