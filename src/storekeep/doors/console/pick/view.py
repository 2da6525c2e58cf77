"""What the pick screen shows: one instruction, what comes after it, and the answer to the last scan."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storekeep.shop.fulfillment.model import ScanAnswer, Stop, WorkLine
from storekeep.shop.fulfillment.queries import Detail


@dataclass(frozen=True, slots=True)
class Instruction:
    """Take `qty` units of a SKU out of a bin."""

    line_id: str
    location_id: str
    bin_code: str
    sku: str
    title: str
    qty: int
    lot: str
    picture: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer to a scan in words: the headline, what was scanned or done, and what is expected now."""

    tone: str
    headline: str
    said: str
    expected: str


@dataclass(frozen=True, slots=True)
class PickView:
    """One fulfillment at the bins. `now` is None when nothing is left to fetch or no bin is known."""

    id: str
    number: int
    order_number: int
    status: str
    is_mine: bool
    promised_on: str | None
    now: Instruction | None
    following: tuple[Instruction, ...]
    picked: int
    due: int
    binless: tuple[WorkLine, ...]
    can_undo: bool


def view(
    detail: Detail, at: str | None, staff_id: str, pictures: Mapping[str, tuple[str, str]], undo: bool
) -> PickView:
    """The bin where the picker stands comes first while it has work; the rest follows the walk."""
    lines = {line.id: line for line in detail.lines}
    here = [stop for stop in detail.stops if stop.location_code == at]
    rest = [stop for stop in detail.stops if stop.location_code != at]
    steps = tuple(_instruction(stop, lines[stop.line_id], pictures) for stop in (*here, *rest))
    waiting = {stop.line_id for stop in detail.stops}
    row: Any = detail.row
    return PickView(
        id=row.id,
        number=row.number,
        order_number=row.order_number,
        status=row.status,
        is_mine=row.claimed_by == staff_id,
        promised_on=row.promised_on,
        now=steps[0] if steps else None,
        following=steps[1:],
        picked=sum(line.picked for line in detail.lines),
        due=sum(line.due for line in detail.lines),
        binless=tuple(line for line in detail.lines if line.to_pick and line.id not in waiting),
        can_undo=undo and row.status in ("picking", "picked"),
    )


def _instruction(stop: Stop, line: WorkLine, pictures: Mapping[str, tuple[str, str]]) -> Instruction:
    return Instruction(
        line.id, stop.location_id, stop.location_code, line.sku, line.title, stop.qty, stop.lot_text,
        pictures.get(line.variant_id),
    )  # fmt: skip


_HEADLINES = {"right": "Right", "wrong": "Wrong", "stop": "Stop", "done": "Done"}
_TONES = {"right": "good", "done": "good", "wrong": "bad", "stop": "bad"}


def heard(answer: ScanAnswer) -> Heard:
    """The answer taken apart, so that scanned and expected stand on lines of their own."""
    text = answer.text
    expected = ""
    for mark in (" Expected at ", " Expected: "):
        if mark in text:
            text, _, expected = text.partition(mark)
            expected = mark.strip() + " " + expected
            break
    return Heard(_TONES[answer.kind], _HEADLINES[answer.kind], text, expected)
