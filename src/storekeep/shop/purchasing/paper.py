"""A purchase order on paper, for the supplier: A4, as many pages as the lines need. Same content, same bytes.

The order's number stands as Code 128 in the head, so that the delivery can be scanned back to it. Letters and bars are
those of labels and slips.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from storekeep.shop.shipping.labels import BOLD, FONT, clip, draw_code128, fitting_size, printable, wrap

PAGE: Final = (595.28, 841.89)
LEFT: Final = 51.0
RIGHT: Final = PAGE[0] - 51.0
FIRST_TOP: Final = 540.0
NEXT_TOP: Final = 756.0
#: Room below the table for the total and the note, kept on every page.
BOTTOM: Final = 150.0
TITLE_X: Final = LEFT + 150
UNITS_X: Final = RIGHT - 176
PRICE_X: Final = RIGHT - 88
SKU_WIDTH, TITLE_WIDTH = 92.0, 160.0


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line as it is to be read: the supplier's number of the goods, ours, units, price, sum, and the day."""

    supplier_sku: str
    sku: str
    title: str
    qty: int
    price: str
    total: str
    expected_on: str


@dataclass(frozen=True, slots=True)
class OrderPaper:
    """Everything that a purchase order shows. Sums are texts with their currency, days ISO texts."""

    shop_name: str
    deliver_to: tuple[str, ...]
    reply_to: str
    supplier_name: str
    supplier_email: str
    number: str
    version: int
    ordered_on: str
    expected_on: str
    lines: tuple[PaperLine, ...]
    total: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    line: PaperLine
    sku: tuple[str, ...]
    title: tuple[str, ...]

    @property
    def height(self) -> float:
        return max(len(self.sku) + 1, len(self.title) + 1) * 11.5 + 8


def render_order(content: OrderPaper) -> bytes:
    """The order as PDF. Raises ValueError when the number cannot be carried by a Code 128."""
    number = content.number
    if not number or not (number.isascii() and number.isprintable()) or len(number) > 30:
        raise ValueError(f"'{number}' cannot be printed as a bar code")
    pages = _paginate([_row(line) for line in content.lines])
    buffer = io.BytesIO()
    # invariant: neither the clock nor chance goes into the file
    canvas = Canvas(buffer, pagesize=PAGE, invariant=1, pageCompression=1)
    canvas.setTitle(f"Purchase order {number}")
    canvas.setAuthor(printable(content.shop_name)[0])
    canvas.setCreator("Storekeep")
    for index, rows in enumerate(pages):
        if index == 0:
            _first_head(canvas, content)
        else:
            _next_head(canvas, content)
        y = _table(canvas, rows, FIRST_TOP if index == 0 else NEXT_TOP)
        if index == len(pages) - 1:
            _total(canvas, content, y)
        canvas.setFont(FONT, 8)
        canvas.drawString(LEFT, 52, f"Order {number}, version {content.version}")
        canvas.drawRightString(RIGHT, 52, f"Page {index + 1} of {len(pages)}")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _row(line: PaperLine) -> _Row:
    sku = printable(line.supplier_sku or line.sku)[0]
    title = wrap(printable(line.title)[0], FONT, 9, TITLE_WIDTH, 3)
    return _Row(line, tuple(wrap(sku, FONT, 9, SKU_WIDTH, 2)), tuple(title))


def _paginate(rows: Sequence[_Row]) -> list[list[_Row]]:
    pages: list[list[_Row]] = [[]]
    room = FIRST_TOP - 22 - BOTTOM
    for row in rows:
        if row.height > room and pages[-1]:
            pages.append([])
            room = NEXT_TOP - 22 - BOTTOM
        pages[-1].append(row)
        room -= row.height
    return pages


def _first_head(canvas: Canvas, content: OrderPaper) -> None:
    shop = printable(content.shop_name)[0]
    size = fitting_size(shop, BOLD, 20, 290, 11)
    canvas.setFont(BOLD, size)
    canvas.drawString(LEFT, 775, clip(shop, BOLD, size, 290))
    _block(canvas, [content.reply_to], LEFT, 757, 8.5)
    draw_code128(canvas, content.number, RIGHT - 170, 748, 170, 44)
    canvas.setFont(BOLD, 11)
    canvas.drawCentredString(RIGHT - 85, 733, content.number)
    canvas.setFont(BOLD, 15)
    heading = "Purchase order" if content.version == 1 else f"Purchase order, version {content.version}"
    canvas.drawString(LEFT, 694, heading)
    if content.version > 1:
        _block(canvas, ["It replaces the versions before it."], LEFT, 679, 8.5)
    _caption(canvas, LEFT, 660, "To")
    _block(canvas, [content.supplier_name, content.supplier_email], LEFT, 646, 9.5)
    _caption(canvas, LEFT + 190, 660, "Deliver to")
    _block(canvas, content.deliver_to[:6], LEFT + 190, 646, 9.5)
    for n, (caption, text) in enumerate((("Ordered on", content.ordered_on), ("Expected by", content.expected_on))):
        _caption(canvas, RIGHT - 110, 660 - 32 * n, caption)
        _block(canvas, [text], RIGHT - 110, 646 - 32 * n, 9.5)


def _next_head(canvas: Canvas, content: OrderPaper) -> None:
    canvas.setFont(BOLD, 10)
    canvas.drawString(LEFT, 786, clip(printable(content.shop_name)[0], BOLD, 10, 250))
    canvas.setFont(FONT, 9)
    canvas.drawRightString(RIGHT, 786, f"Purchase order {content.number}, continued")


def _table(canvas: Canvas, rows: Sequence[_Row], top: float) -> float:
    canvas.setFillGray(0.93)
    canvas.rect(LEFT - 6, top - 6, RIGHT - LEFT + 12, 19, stroke=0, fill=1)
    canvas.setFillGray(0)
    canvas.setFont(BOLD, 8)
    canvas.drawString(LEFT, top, "Your number")
    canvas.drawString(TITLE_X - 40, top, "Article")
    for x, text in ((UNITS_X, "Units"), (PRICE_X, "Price each"), (RIGHT, "Sum")):
        canvas.drawRightString(x, top, text)
    y = top - 22
    for row in rows:
        _line(canvas, row, y)
        y -= row.height
        canvas.setStrokeGray(0.8)
        canvas.setLineWidth(0.5)
        canvas.line(LEFT - 6, y + 13, RIGHT + 6, y + 13)
        canvas.setStrokeGray(0)
    return y


def _line(canvas: Canvas, row: _Row, y: float) -> None:
    canvas.setFont(FONT, 9)
    for index, text in enumerate(row.sku):
        canvas.drawString(LEFT, y - 11.5 * index, text)
    for index, text in enumerate(row.title):
        canvas.drawString(TITLE_X - 40, y - 11.5 * index, text)
    canvas.drawRightString(PRICE_X, y, row.line.price)
    canvas.drawRightString(RIGHT, y, row.line.total)
    canvas.setFont(BOLD, 9.5)
    canvas.drawRightString(UNITS_X, y, str(row.line.qty))
    canvas.setFont(FONT, 7.5)
    canvas.setFillGray(0.35)
    below = f"Our number {row.line.sku}, expected by {row.line.expected_on}"
    canvas.drawString(TITLE_X - 40, y - 11.5 * len(row.title), clip(printable(below)[0], FONT, 7.5, TITLE_WIDTH + 40))
    canvas.setFillGray(0)


def _total(canvas: Canvas, content: OrderPaper, y: float) -> None:
    canvas.setFont(BOLD, 10)
    canvas.drawString(TITLE_X - 40, y - 4, "Total without tax")
    canvas.drawRightString(UNITS_X, y - 4, str(sum(line.qty for line in content.lines)))
    canvas.drawRightString(RIGHT, y - 4, content.total)
    words = [content.note] if content.note else []
    words.append(f"Please confirm quantities and dates to {content.reply_to}, and put {content.number} on the delivery "
                 "note and the invoice.")  # fmt: skip
    y -= 32
    for text in words:
        canvas.setFont(FONT, 8.5)
        for piece in wrap(printable(text)[0], FONT, 8.5, RIGHT - LEFT, 3):
            canvas.drawString(LEFT, y, piece)
            y -= 11.5
        y -= 4


def _block(canvas: Canvas, lines: Sequence[str], x: float, y: float, size: float) -> None:
    canvas.setFont(FONT, size)
    for raw in lines:
        canvas.drawString(x, y, clip(printable(raw)[0], FONT, size, 180))
        y -= size * 1.35


def _caption(canvas: Canvas, x: float, y: float, text: str) -> None:
    canvas.setFont(FONT, 7.5)
    canvas.setFillGray(0.35)
    canvas.drawString(x, y, text)
    canvas.setFillGray(0)
