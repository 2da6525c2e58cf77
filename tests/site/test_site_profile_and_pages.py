"""The profile, the pages, and Markdown that cannot bring markup of its own."""

import pytest

from storekeep.kernel.db import Database
from storekeep.kernel.errors import Invalid, NotFound
from storekeep.shop import site
from storekeep.shop.site import pages, profile
from storekeep.shop.site.pages import PageDraft


def test_a_new_shop_has_a_profile_to_start_from_and_keeps_what_is_saved(db: Database) -> None:
    with db.begin(actor="staff:1") as tx:
        assert not profile.is_set_up(tx)
        assert site.load(tx) == site.ShopProfile()
        site.save(tx, {"name": " Tableware ", "address_lines": ["Street 1", "1010 Wien"], "unpaid_minutes": 45})
    with db.read() as tx:
        found = site.load(tx)
        assert profile.is_set_up(tx)
        assert (found.name, found.address_lines, found.unpaid_minutes) == ("Tableware", ("Street 1", "1010 Wien"), 45)
        assert found.hold_minutes == 10


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", "a\r\nb"),
        ("name", 7),
        ("currency", "eur"),
        ("currency", "XXX"),
        ("timezone", "Mars"),
        ("base_country", "Austria"),
        ("email", "a@b"),
        ("sender", "x@y.at\nBcc: z@y.at"),
        ("return_days", -1),
        ("return_days", True),
        ("hold_minutes", 0),
        ("unpaid_minutes", "30"),
        ("public_url", "http://shop.example.com"),
        ("public_url", "javascript:alert(1)"),
        ("public_url", "https://a.example/x"),
        ("public_url", "https://[bad"),
        ("public_url", "https://u:p@a.example"),
        ("is_demo", "yes"),
        ("address_lines", "x"),
        ("address_lines", ["a"] * 9),
        ("unknown", "x"),
        ("unknown", 1),
    ],
)
def test_a_value_that_does_not_fit_is_refused_at_its_field(db: Database, name: str, value: object) -> None:
    with pytest.raises(Invalid) as caught, db.begin() as tx:
        site.save(tx, {name: value, "phone": "1" * 99})
    assert [problem.path for problem in caught.value.problems] == [name, "phone"]
    with db.read() as tx:
        assert site.load(tx) == site.ShopProfile()


def test_pages_are_put_listed_and_removed_and_the_revision_moves(db: Database) -> None:
    seen = []
    for act in (
        lambda tx: None,
        lambda tx: pages.put(tx, [PageDraft("terms", "Terms", "# Hi", 2), PageDraft("returns", "Returns", "x", 1)]),
        lambda tx: site.save(tx, {"name": "New"}),
        lambda tx: pages.remove(tx, "returns"),
    ):
        with db.begin() as tx:
            act(tx)
            seen.append(pages.revision(tx))
    assert len(set(seen)) == 4
    with db.begin() as tx:
        before = pages.by_slug(tx, "terms")
        pages.put(tx, [PageDraft("terms", "Terms", "# Hi", 2)])
        assert pages.by_slug(tx, "terms") == before
        assert [row.slug for row in pages.listed(tx)] == ["terms"]
        with pytest.raises(NotFound):
            pages.remove(tx, "returns")
        with pytest.raises(Invalid) as caught:
            pages.put(tx, [PageDraft("Bad slug", "", "x" * 100_001), PageDraft("a", "A", ""), PageDraft("a", "A", "")])
    assert [problem.path for problem in caught.value.problems] == ["0.slug", "0.title", "0.body_markdown", "2.slug"]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Title\ntext", "<h2>Title</h2>\n<p>text</p>"),
        ("a **bold** and *slanted* word", "<p>a <strong>bold</strong> and <em>slanted</em> word</p>"),
        ("- one\n- two\n\n1. first", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n<ol>\n<li>first</li>\n</ol>"),
        ("[us](/contact)", '<p><a href="/contact">us</a></p>'),
        (
            "**[x](https://a.example/*b*)**",
            '<p><strong><a href="https://a.example/*b*" rel="noopener">x</a></strong></p>',
        ),
        ("<script>alert('1')</script>", "<p>&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;</p>"),
        ('[x](/a"onclick="b)', '<p><a href="/a&quot;onclick=&quot;b">x</a></p>'),
        ("snake_case_name", "<p>snake_case_name</p>"),
        ("\ue0000\ue001", "<p>0</p>"),
        ("", ""),
    ],
)
def test_markdown_becomes_plain_safe_html(text: str, html: str) -> None:
    assert site.to_html(text) == html


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x", "//evil.example", "/\\evil.example", "ftp://x", "x"],
)
def test_links_lead_only_to_the_web_or_this_site(address: str) -> None:
    assert "<a" not in site.to_html(f"[click]({address})")


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "*" * 100_000, "[a](" * 25_000, "_a" * 50_000, "- " * 50_000, "#" * 10**6]
)
def test_hostile_text_is_answered_with_all_tags_closed(text: str) -> None:
    html = site.to_html(text)
    for tag in ("p", "ul", "li", "em", "strong", "h2"):
        assert html.count(f"<{tag}>") == html.count(f"</{tag}>")
