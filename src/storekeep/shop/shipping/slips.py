"""The packing slip that lies in the parcel: A4, as many pages as the lines need, no prices.

Same content, same bytes. The order number stands as Code 128 in the head, so that a returned parcel can be
scanned back to its order.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from storekeep.shop.shipping.labels import (
    BOLD,
    FONT,
    address_lines,
    clip,
    draw_code128,
    fitting_size,
    grouped_number,
    printable,
    printing_note,
    wrap,
)
from storekeep.shop.shipping.model import Address

PAGE: Final = (595.28, 841.89)
LEFT: Final = 51.0
RIGHT: Final = PAGE[0] - 51.0
BOTTOM: Final = 96.0
FIRST_TOP: Final = 560.0
NEXT_TOP: Final = 756.0
SKU_X, TITLE_X, ORDERED_X, PARCEL_X = LEFT, LEFT + 112, RIGHT - 84, RIGHT
SKU_WIDTH, TITLE_WIDTH = 102.0, 278.0


@dataclass(frozen=True, slots=True)
class SlipLine:
    """One order line: how many were ordered and how many of them are in this parcel."""

    sku: str
    title: str
    options: str
    ordered: int
    in_parcel: int


@dataclass(frozen=True, slots=True)
class SlipContent:
    """Everything that a packing slip shows. Dates are ISO text; '' leaves a fact out."""

    shop_name: str
    shop_address: Address
    order_number: str
    ordered_on: str
    recipient: Address
    lines: tuple[SlipLine, ...]
    returns_hint: str
    service_label: str = ""
    tracking_number: str = ""
    parcel_index: int = 1
    parcel_count: int = 1


@dataclass(frozen=True, slots=True)
class _Row:
    sku: tuple[str, ...]
    title: tuple[str, ...]
    options: tuple[str, ...]
    ordered: int
    in_parcel: int

    @property
    def height(self) -> float:
        return max(len(self.sku), len(self.title) + len(self.options)) * 12.0 + 9


#: Draws a slip; the other way than `render_slip` is for shops whose slips nobody prints.
RenderSlip = Callable[[SlipContent], bytes]


def render_slip(content: SlipContent) -> bytes:
    """The slip as PDF. Same content, same bytes. ValueError when the order number is empty or cannot be carried
    by a Code 128."""
    number = content.order_number
    if not number or not (number.isascii() and number.isprintable()) or len(number) > 30:
        raise ValueError(f"'{number}' cannot be printed as an order barcode")
    pages = _paginate([_row(line) for line in content.lines])
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=PAGE, invariant=1, pageCompression=1)
    canvas.setTitle(f"Packing slip {number}")
    canvas.setCreator("Storekeep")
    for index, rows in enumerate(pages):
        if index == 0:
            _draw_first_head(canvas, content)
        else:
            _draw_next_head(canvas, content)
        bottom = _draw_table(canvas, rows, FIRST_TOP if index == 0 else NEXT_TOP)
        if index == len(pages) - 1:
            _draw_total(canvas, content, bottom)
        _draw_foot(canvas, content, index + 1, len(pages))
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _row(line: SlipLine) -> _Row:
    options = printable(line.options)[0]
    return _Row(
        sku=tuple(wrap(printable(line.sku)[0], FONT, 9, SKU_WIDTH, 2)),
        title=tuple(wrap(printable(line.title)[0], FONT, 9.5, TITLE_WIDTH, 2)),
        options=tuple(wrap(options, FONT, 8, TITLE_WIDTH, 2)) if options else (),
        ordered=line.ordered,
        in_parcel=line.in_parcel,
    )


def _paginate(rows: Sequence[_Row]) -> list[list[_Row]]:
    """Rows by page. Room for the total is kept on every page, so that the last one always has it."""
    pages: list[list[_Row]] = [[]]
    room = FIRST_TOP - 24 - BOTTOM - 26
    for row in rows:
        if row.height > room and pages[-1]:
            pages.append([])
            room = NEXT_TOP - 24 - BOTTOM - 26
        pages[-1].append(row)
        room -= row.height
    return pages


def _draw_first_head(canvas: Canvas, content: SlipContent) -> None:
    shop = printable(content.shop_name)[0]
    canvas.setFont(BOLD, fitting_size(shop, BOLD, 20, 290, 11))
    canvas.drawString(LEFT, 775, clip(shop, BOLD, canvas._fontsize, 290))
    _text_block(canvas, address_lines(content.shop_address, with_phone=True)[1:], LEFT, 757, 8.5, 290)
    draw_code128(canvas, content.order_number, RIGHT - 170, 748, 170, 44)
    order = f"Order {content.order_number}"
    canvas.setFont(BOLD, fitting_size(order, BOLD, 11, 170, 7))
    canvas.drawCentredString(RIGHT - 85, 733, order)
    canvas.setFont(BOLD, 15)
    canvas.drawString(LEFT, 684, "Packing slip")
    _caption(canvas, LEFT, 662, "Deliver to")
    name, *rest = address_lines(content.recipient, with_phone=False)
    canvas.setFont(BOLD, 10)
    canvas.drawString(LEFT, 648, clip(printable(name)[0], BOLD, 10, 290))
    _text_block(canvas, rest, LEFT, 634, 9.5, 290)
    note = printing_note([name, *rest])
    if note:
        canvas.setFont(FONT, 6.5)
        canvas.drawString(LEFT, 585, note)
    _draw_facts(canvas, content)


def _draw_facts(canvas: Canvas, content: SlipContent) -> None:
    facts = (
        ("Ordered on", content.ordered_on),
        ("Parcel", f"{content.parcel_index} of {content.parcel_count}"),
        ("Delivery", content.service_label),
        ("Tracking", grouped_number(content.tracking_number) if content.tracking_number else ""),
    )
    y = 662.0
    for caption, raw in facts:
        if not raw:
            continue
        _caption(canvas, RIGHT - 170, y, caption)
        text = printable(raw)[0]
        size = fitting_size(text, FONT, 9, 122, 6.5)
        canvas.setFont(FONT, size)
        canvas.drawString(RIGHT - 122, y, clip(text, FONT, size, 122))
        y -= 15


def _draw_next_head(canvas: Canvas, content: SlipContent) -> None:
    canvas.setFont(BOLD, 10)
    canvas.drawString(LEFT, 786, clip(printable(content.shop_name)[0], BOLD, 10, 250))
    canvas.setFont(FONT, 9)
    canvas.drawRightString(RIGHT, 786, f"Packing slip, order {content.order_number}, continued")


def _draw_table(canvas: Canvas, rows: Sequence[_Row], top: float) -> float:
    canvas.setFillGray(0.93)
    canvas.rect(LEFT - 6, top - 6, RIGHT - LEFT + 12, 19, stroke=0, fill=1)
    canvas.setFillGray(0)
    canvas.setFont(BOLD, 8)
    canvas.drawString(SKU_X, top, "SKU")
    canvas.drawString(TITLE_X, top, "Article")
    canvas.drawRightString(ORDERED_X, top, "Ordered")
    canvas.drawRightString(PARCEL_X, top, "In this parcel")
    y = top - 22
    for row in rows:
        _draw_row(canvas, row, y)
        y -= row.height
        canvas.setStrokeGray(0.8)
        canvas.setLineWidth(0.5)
        canvas.line(LEFT - 6, y + 13, RIGHT + 6, y + 13)
        canvas.setStrokeGray(0)
    return y


def _draw_row(canvas: Canvas, row: _Row, y: float) -> None:
    canvas.setFont(FONT, 9)
    for index, text in enumerate(row.sku):
        canvas.drawString(SKU_X, y - 12 * index, text)
    canvas.drawRightString(ORDERED_X, y, str(row.ordered))
    canvas.setFont(FONT, 9.5)
    for index, text in enumerate(row.title):
        canvas.drawString(TITLE_X, y - 12 * index, text)
    canvas.setFont(FONT, 8)
    canvas.setFillGray(0.3)
    for index, text in enumerate(row.options, start=len(row.title)):
        canvas.drawString(TITLE_X, y - 12 * index, text)
    # A line that is not complete in this parcel is what the customer will ask about.
    canvas.setFillGray(0.45 if row.in_parcel == 0 else 0)
    canvas.setFont(BOLD, 9.5)
    canvas.drawRightString(PARCEL_X, y, str(row.in_parcel))
    canvas.setFillGray(0)


def _draw_total(canvas: Canvas, content: SlipContent, y: float) -> None:
    ordered = sum(line.ordered for line in content.lines)
    in_parcel = sum(line.in_parcel for line in content.lines)
    canvas.setFont(BOLD, 9.5)
    canvas.drawString(TITLE_X, y - 4, "Pieces in total")
    canvas.drawRightString(ORDERED_X, y - 4, str(ordered))
    canvas.drawRightString(PARCEL_X, y - 4, str(in_parcel))
    if in_parcel < ordered:
        canvas.setFont(FONT, 8)
        canvas.drawString(TITLE_X, y - 18, "Articles that are not in this parcel travel separately or were canceled.")


def _draw_foot(canvas: Canvas, content: SlipContent, page: int, page_count: int) -> None:
    canvas.setLineWidth(0.8)
    canvas.line(LEFT - 6, 76, RIGHT + 6, 76)
    hint = printable(content.returns_hint)[0]
    canvas.setFont(FONT, 8)
    for index, text in enumerate(wrap(hint, FONT, 8, RIGHT - LEFT - 80, 3) if hint else ()):
        canvas.drawString(LEFT, 62 - 11 * index, text)
    canvas.drawRightString(RIGHT, 62, f"Page {page} of {page_count}")


def _text_block(canvas: Canvas, lines: Sequence[str], x: float, y: float, size: float, width: float) -> None:
    for raw in lines[:5]:
        canvas.setFont(FONT, size)
        canvas.drawString(x, y, clip(printable(raw)[0], FONT, size, width))
        y -= size * 1.35


def _caption(canvas: Canvas, x: float, y: float, text: str) -> None:
    canvas.setFont(FONT, 7.5)
    canvas.setFillGray(0.35)
    canvas.drawString(x, y, text)
    canvas.setFillGray(0)
