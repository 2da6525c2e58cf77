"""Labels and packing slips: complete, repeatable to the byte, and safe with any text."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from storekeep.shop.shipping.labels import BOLD, MISSING, LabelContent, printable, render_label, text_width, wrap
from storekeep.shop.shipping.model import Address
from storekeep.shop.shipping.slips import SlipContent, SlipLine, render_slip

SHOP = Address("Tidewater Kitchen", "Hafenstraße 12", "", "Hamburg", "20457", "", "DE", "")
BUYER = Address("Petronella Quill", "Kirschweg 7", "2. Stock", "Tübingen", "72070", "", "DE", "+49 1")
HOSTILE = Address("Щука " * 60, "A" * 300, "\n\x00^XZ", "東京", "😀", "שלום", "JP", "()" * 90)


def label(recipient: Address = BUYER, number: str = "SW5648219895301092") -> LabelContent:
    names = ("swallow", "Swallow Post", "Swallow Tracked")
    return LabelContent(*names, SHOP, recipient, 1_240, "1042", number, "2026-11-24", 1, 2, True)


def slip(count: int, recipient: Address = BUYER) -> SlipContent:
    lines = tuple(SlipLine(f"MUG-{i}", "Stoneware mug", "Colour: sea blue", 2, 1) for i in range(count))
    hint = "Send it back within 30 days."
    return SlipContent("Tidewater Kitchen", SHOP, "1042", "2026-11-23", recipient, lines, hint)


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def test_a_label_is_one_page_of_four_by_six_inches_with_all_its_facts() -> None:
    pdf = render_label(label())
    (text,) = pages(pdf)
    box = PdfReader(io.BytesIO(pdf)).pages[0].mediabox
    assert (float(box.width), float(box.height)) == (288, 432)
    for fact in ("Petronella Quill", "DE-72070 Tübingen", "1.24 kg", "1 of 2", "1042", "2026-11-24"):
        assert fact in text
    assert "SW 5648 2198 9530 1092" in text
    assert "Not valid for postage" in text


def test_the_same_content_gives_the_same_bytes() -> None:
    assert render_label(label()) == render_label(label())
    assert render_slip(slip(40)) == render_slip(slip(40))
    assert render_label(label()) != render_label(label(number="SW1"))


def test_hostile_text_breaks_neither_paper_and_says_that_letters_are_missing() -> None:
    assert MISSING + " stands for" in pages(render_label(label(HOSTILE)))[0]
    assert len(pages(render_slip(slip(1, HOSTILE)))) == 1


@pytest.mark.parametrize(
    ("text", "printed", "is_exact"),
    [
        ("Tübingen, Łódź", "Tübingen, Łódz", False),
        ("Straße\n7", "Straße 7", True),
        ("Щука", "Shchuka", False),
        ("Αθήνα", "Athina", False),
        ("茶碗", MISSING * 2, False),
    ],
)
def test_foreign_letters_are_transliterated_or_boxed(text: str, printed: str, is_exact: bool) -> None:
    assert printable(text) == (printed, is_exact)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120), st.integers(1, 3))
def test_wrapped_text_keeps_to_its_width_and_lines(text: str, max_lines: int) -> None:
    lines = wrap(printable(text)[0], BOLD, 14, 120, max_lines)
    assert len(lines) <= max_lines
    assert all(text_width(line, BOLD, 14) <= 120.1 for line in lines)


def test_a_long_slip_numbers_its_pages_and_shows_every_line_once() -> None:
    texts = pages(render_slip(slip(70)))
    assert [f"Page {n} of {len(texts)}" in text for n, text in enumerate(texts, start=1)] == [True] * len(texts)
    assert len(texts) > 1
    words = " ".join(texts).split()
    assert [words.count(f"MUG-{i}") for i in range(70)] == [1] * 70
    assert "Pieces in total" in texts[-1]
    assert all("Send it back within 30 days." in text for text in texts)


@pytest.mark.parametrize("number", ["", "ü1", "1\n2", "9" * 31])
def test_a_number_that_no_barcode_carries_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="cannot be printed"):
        render_label(label(number=number))
