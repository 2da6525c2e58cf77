"""The shop's own shipping label, 4×6 inch, as PDF, and the drawing tools that its papers share.

The label is drawn on the dot grid of a 203 dpi printer, so that bars stay sharp. The same content always gives
the same bytes. The font inside reportlab knows western letters only: other alphabets are transliterated where
that has a usual form, and what cannot be printed shows as a box with a note beside it, never as nothing.
"""

import io
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import zint
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from storekeep.shop.shipping.model import Address

FONT: Final = "StorekeepSans"
BOLD: Final = "StorekeepSans-Bold"
PAGE: Final = (288.0, 432.0)
DOT: Final = 72 / 203
MARGIN: Final = 14.0
INNER: Final = PAGE[0] - 2 * MARGIN
MISSING: Final = "◊"
NOTE_MISSING: Final = "◊ stands for a letter that this printer lacks; see the order."
NOTE_ROMANISED: Final = "Some letters were transliterated; see the order."

_SANS = TTFont(FONT, "Vera.ttf")
pdfmetrics.registerFont(_SANS)
pdfmetrics.registerFont(TTFont(BOLD, "VeraBd.ttf"))
# The font has a few Greek letters for formulas only; a name needs all of them or none.
_GLYPHS: Final = frozenset(_SANS.face.charToGlyph) - frozenset(range(0x370, 0x400)) - {0xFFFF}

# Usual romanisations, lower case; capitals follow. Accents on other letters are dropped by decomposition.
_ROMAN: Final = dict(
    pair.split("=")
    for line in (
        "а=a б=b в=v г=g д=d е=e ё=e ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts",
        "ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=yu я=ya є=ye і=i ї=yi ґ=g љ=lj њ=nj ћ=c ђ=dj џ=dz ј=j",
        "α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r ς=s σ=s τ=t υ=y φ=f χ=ch ψ=ps",
        "ω=o ħ=h ŧ=t ŋ=ng",
    )
    for pair in line.split()
)


@dataclass(frozen=True, slots=True)
class LabelContent:
    """Everything that a label shows. `ships_on` is an ISO date; parcels count from 1."""

    carrier: str
    carrier_name: str
    service_label: str
    sender: Address
    recipient: Address
    weight_g: int
    order_number: str
    tracking_number: str
    ships_on: str
    parcel_index: int = 1
    parcel_count: int = 1
    is_demo: bool = False


def render_label(content: LabelContent) -> bytes:
    """One page, 4×6 inch. Same content, same bytes. ValueError when the tracking number is empty or holds
    characters that a Code 128 of plain letters and digits cannot carry."""
    number = content.tracking_number
    if not number or not (number.isascii() and number.isprintable()) or len(number) > 30:
        raise ValueError(f"'{number}' cannot be printed as a tracking barcode")
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=PAGE, invariant=1, pageCompression=1)
    canvas.setTitle(f"Label {number}")
    canvas.setCreator("Storekeep")
    _draw_head(canvas, content)
    _draw_sender(canvas, content)
    _draw_recipient(canvas, content)
    _draw_facts(canvas, content)
    _draw_tracking(canvas, content)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw_head(canvas: Canvas, content: LabelContent) -> None:
    draw_mark(canvas, content.carrier, content.carrier_name, MARGIN, 386, 32)
    name, _ = printable(content.carrier_name)
    canvas.setFont(BOLD, fitting_size(name, BOLD, 15, INNER - 42, 9))
    canvas.drawString(MARGIN + 41, 404, clip(name, BOLD, canvas._fontsize, INNER - 42))
    service, _ = printable(content.service_label)
    canvas.setFont(FONT, 10)
    canvas.drawString(MARGIN + 41, 389, clip(service, FONT, 10, INNER - 42))
    _rule(canvas, 378)


def _draw_sender(canvas: Canvas, content: LabelContent) -> None:
    _caption(canvas, MARGIN, 367, "From")
    lines = address_lines(content.sender, with_phone=False)
    y = 356.0
    for text in lines[:6]:
        canvas.setFont(FONT, 7.5)
        canvas.drawString(MARGIN, y, clip(printable(text)[0], FONT, 7.5, 168))
        y -= 9.2
    right = PAGE[0] - MARGIN
    draw_matrix(canvas, content.tracking_number, right - 56, 311, 56)
    _rule(canvas, 303)


def _draw_recipient(canvas: Canvas, content: LabelContent) -> None:
    _caption(canvas, MARGIN, 291, "Deliver to")
    name, *rest = address_lines(content.recipient, with_phone=True)
    note = printing_note([name, *rest])
    y = 274.0
    for text in wrap(printable(name)[0], BOLD, 14, INNER, 2):
        canvas.setFont(BOLD, 14)
        canvas.drawString(MARGIN, y, text)
        y -= 16.5
    size = 12 if len(rest) <= 4 else 10.5
    for raw in rest:
        for text in wrap(printable(raw)[0], FONT, size, INNER, 2 if len(rest) <= 4 else 1):
            if y < 173:
                break
            canvas.setFont(FONT, size)
            canvas.drawString(MARGIN, y, text)
            y -= size * 1.22
    if note:
        canvas.setFont(FONT, 6)
        canvas.drawString(MARGIN, 164, note)
    _rule(canvas, 159)


def _draw_facts(canvas: Canvas, content: LabelContent) -> None:
    weight = f"{content.weight_g // 1000}.{content.weight_g % 1000 // 10:02d} kg"
    facts = (
        ("Order", content.order_number, 0.0, 78.0),
        ("Weight", weight, 84.0, 50.0),
        ("Parcel", f"{content.parcel_index} of {content.parcel_count}", 140.0, 42.0),
        ("Ships on", content.ships_on, 188.0, 72.0),
    )
    for caption, raw, x, width in facts:
        text, _ = printable(raw)
        _caption(canvas, MARGIN + x, 148, caption)
        size = fitting_size(text, BOLD, 9.5, width, 6)
        canvas.setFont(BOLD, size)
        canvas.drawString(MARGIN + x, 135, clip(text, BOLD, size, width))
    _rule(canvas, 127)


def _draw_tracking(canvas: Canvas, content: LabelContent) -> None:
    draw_code128(canvas, content.tracking_number, MARGIN, 48, INNER, 70)
    grouped = grouped_number(content.tracking_number)
    canvas.setFont(BOLD, fitting_size(grouped, BOLD, 12, INNER, 7))
    canvas.drawCentredString(PAGE[0] / 2, 32, grouped)
    if content.is_demo:
        canvas.setFont(FONT, 6.5)
        canvas.drawCentredString(PAGE[0] / 2, 16, "Demo label of a fictitious carrier. Not valid for postage.")


def grouped_number(number: str) -> str:
    """The number in groups of four from the right end of its prefix, as people read it aloud."""
    return " ".join([number[:2], *(number[i : i + 4] for i in range(2, len(number), 4))])


def address_lines(address: Address, with_phone: bool) -> list[str]:
    """The address in print order, name first, without empty lines; the country's code stands before the city."""
    town = f"{address.postcode} {address.city}".strip()
    if address.region:
        town = f"{town}, {address.region}" if town else address.region
    country = f"{address.country}-" if address.country and town else address.country
    lines = [address.name or "(no name)", address.line1, address.line2, country + town]
    if with_phone and address.phone:
        lines.append(f"Tel. {address.phone}")
    return [line for line in lines if line.strip()]


def printing_note(texts: list[str]) -> str:
    """The sentence that belongs beside these texts when some letters could not be printed as they are."""
    results = [printable(text) for text in texts]
    if any(MISSING in text for text, is_exact in results if not is_exact):
        return NOTE_MISSING
    return "" if all(is_exact for _, is_exact in results) else NOTE_ROMANISED


@lru_cache(maxsize=4096)
def printable(text: str) -> tuple[str, bool]:
    """The text in letters that the font has, and whether it is exact. Control characters become blanks;
    accents are dropped, Cyrillic and Greek romanised, and anything else becomes one box per letter."""
    out, is_exact = [], True
    for character in unicodedata.normalize("NFC", text):
        if unicodedata.category(character) in ("Cc", "Zl", "Zp", "Zs"):
            out.append(" ")
        elif ord(character) in _GLYPHS:
            out.append(character)
        elif unicodedata.category(character) not in ("Cf", "Mn", "Me"):
            out.append(_romanised(character))
            is_exact = False
    return " ".join("".join(out).split()), is_exact


def _romanised(character: str) -> str:
    known = _letters(character)
    if known is None:
        parts = unicodedata.normalize("NFKD", character)
        letters = [_letters(part) for part in parts if not unicodedata.combining(part)]
        known = "".join(letter or "" for letter in letters) if letters and None not in letters else MISSING
    return known


def _letters(character: str) -> str | None:
    if ord(character) in _GLYPHS:
        return character
    roman = _ROMAN.get(character.lower())
    return roman.capitalize() if roman and character.isupper() else roman


def text_width(text: str, font: str, size: float) -> float:
    """Width of the text in points."""
    return float(pdfmetrics.stringWidth(text, font, size))


def fitting_size(text: str, font: str, size: float, width: float, smallest: float) -> float:
    """The largest size up to `size`, not below `smallest`, at which the text fits into `width` points."""
    natural = text_width(text, font, size)
    return size if natural <= width else max(smallest, size * width / natural)


def clip(text: str, font: str, size: float, width: float) -> str:
    """The text, cut with an ellipsis where it is wider than `width` points."""
    # A size from fitting_size may miss the width by a rounding error.
    if text_width(text, font, size) <= width + 0.01:
        return text
    while text and text_width(text + "…", font, size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def wrap(text: str, font: str, size: float, width: float, max_lines: int) -> list[str]:
    """The text in at most `max_lines` lines of `width` points, broken at blanks, inside a word only when the word
    is wider than a line; the last line ends in an ellipsis when something is left over."""
    lines: list[str] = []
    current = ""
    for word in text.split():
        joined = f"{current} {word}" if current else word
        if text_width(joined, font, size) <= width:
            current = joined
            continue
        if current:
            lines.append(current)
        while text_width(word, font, size) > width and len(lines) <= max_lines:
            cut = max(1, next(i for i in range(len(word)) if text_width(word[: i + 1], font, size) > width))
            lines.append(word[:cut])
            word = word[cut:]
        current = word
    lines.append(current)
    if len(lines) > max_lines:
        lines = [*lines[: max_lines - 1], clip(lines[max_lines - 1] + " …", font, size, width)]
    return lines


@lru_cache(maxsize=64)
def _bars(symbology: str, text: str) -> tuple[int, int, tuple[tuple[float, float, float, float], ...]]:
    """Width and height in modules, and the dark rectangles in modules from the top left."""
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology[symbology]
    symbol.show_hrt = False
    if symbology == "DATAMATRIX":
        symbol.option_3 = int(zint.DataMatrixOptions.SQUARE)
    symbol.encode(text)
    symbol.buffer_vector()
    vector = symbol.vector
    # Zint draws a module two units wide.
    rects = tuple((r.x / 2, r.y / 2, r.width / 2, r.height / 2) for r in vector.rectangles)
    return round(vector.width / 2), round(vector.height / 2), rects


def draw_code128(canvas: Canvas, text: str, x: float, y: float, width: float, height: float) -> None:
    """A Code 128 centred in the box, its bars whole printer dots wide, with a quiet zone of ten modules."""
    modules, rows, rects = _bars("CODE128", text)
    module = max(1, int(width / DOT / (modules + 20))) * DOT
    if module * (modules + 20) > width:
        module = width / (modules + 20)
    _fill(canvas, rects, x + (width - modules * module) / 2, y + height, module, height / rows)


def draw_matrix(canvas: Canvas, text: str, x: float, y: float, side: float) -> None:
    """A square DataMatrix in the box, its cells whole printer dots wide, aligned to the top right."""
    modules, _, rects = _bars("DATAMATRIX", text)
    module = max(1, int(side / DOT / modules)) * DOT
    _fill(canvas, rects, x + side - modules * module, y + side, module, module)


def _fill(canvas: Any, rects: Any, left: float, top: float, unit_x: float, unit_y: float) -> None:
    path = canvas.beginPath()
    for x, y, width, height in rects:
        path.rect(left + x * unit_x, top - (y + height) * unit_y, width * unit_x, height * unit_y)
    canvas.drawPath(path, stroke=0, fill=1)


def draw_mark(canvas: Canvas, carrier: str, carrier_name: str, x: float, y: float, size: float) -> None:
    """The carrier's mark as vector art in a square: its own drawing, or its initials in a ring."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(size / 32, size / 32)
    draw = _MARKS.get(carrier)
    if draw:
        draw(canvas)
    else:
        initials = "".join(word[0] for word in printable(carrier_name)[0].split()[:2]).upper()
        canvas.setLineWidth(2)
        canvas.circle(16, 16, 15, stroke=1, fill=0)
        canvas.setFont(BOLD, 13)
        canvas.drawCentredString(16, 11.3, initials)
    canvas.restoreState()


def _swallow(canvas: Any) -> None:
    """A bird with a forked tail, flying up to the right."""
    path = canvas.beginPath()
    path.moveTo(31, 24)
    path.curveTo(27, 27.5, 23, 27, 20.5, 24)
    path.curveTo(14, 29, 7, 30.5, 1, 29.5)
    path.curveTo(7, 27, 11, 23.5, 14, 18.5)
    path.curveTo(11, 15, 7, 10.5, 1, 5)
    path.curveTo(7, 7, 11, 9, 14.5, 12)
    path.curveTo(13, 8, 11.5, 5, 9.5, 1)
    path.curveTo(14.5, 5.5, 18, 9.5, 20.5, 14)
    path.curveTo(24.5, 16, 26, 19.5, 26.5, 23)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


def _northline(canvas: Any) -> None:
    """A compass needle over a line."""
    canvas.setLineWidth(2)
    canvas.circle(16, 16, 15, stroke=1, fill=0)
    needle = canvas.beginPath()
    needle.moveTo(16, 28)
    needle.lineTo(23, 7)
    needle.lineTo(16, 11.5)
    needle.lineTo(9, 7)
    needle.close()
    canvas.drawPath(needle, stroke=0, fill=1)


_MARKS: Final[dict[str, Callable[[Any], None]]] = {"swallow": _swallow, "northline": _northline}


def _caption(canvas: Any, x: float, y: float, text: str) -> None:
    canvas.setFont(FONT, 6.5)
    canvas.drawString(x, y, text)


def _rule(canvas: Any, y: float) -> None:
    canvas.setLineWidth(0.8)
    canvas.line(MARGIN, y, PAGE[0] - MARGIN, y)
