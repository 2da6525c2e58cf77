"""What a scan means, decided without a database."""

from storekeep.shop.fulfillment.model import Scanned, Stop, Taken, WorkLine
from storekeep.shop.fulfillment.picklist import Codes, PackRound, PickRound
from storekeep.shop.fulfillment.states import DONE, FULFILLMENT, OPEN

CODES = Codes({"CUP": ("v1", "CUP"), "4006381333931": ("v1", "CUP"), "POT": ("v2", "POT")}, {"A-1": "a1", "B-1": "b1"})


def line(name: str, variant: str, sku: str, qty: int, picked: int = 0, packed: int = 0) -> WorkLine:
    return WorkLine(name, "f", f"o{name}", variant, sku, sku.title(), qty, picked, packed, 0)


def walk(here: str | None = None) -> PickRound:
    lines = [line("l1", "v1", "CUP", 3), line("l2", "v2", "POT", 1)]
    cups = [Stop("l1", "v1", "b1", "B-1", 1, 20), Stop("l1", "v1", "a1", "A-1", 2, 10)]
    stops = [*cups, Stop("l2", "v2", "b1", "B-1", 1, 20)]
    return PickRound(lines, stops, CODES, here)


def test_units_are_taken_along_the_walk_and_may_span_bins() -> None:
    answer = walk().answer(Scanned("CUP", "s1", 3))
    assert (answer.kind, answer.line_left, answer.left) == ("right", 0, 1)
    assert answer.taken == (Taken("a1", 2), Taken("b1", 1))


def test_at_a_bin_only_its_own_goods_are_right() -> None:
    at = walk()
    assert at.answer(Scanned("a-1 ", "s1")).text == "A-1: take 2 × CUP (Cup)."
    wrong = at.answer(Scanned("POT", "s2"))
    assert wrong.kind == "wrong"
    assert wrong.text == "Not this one: scanned POT. Expected at A-1: 2 × CUP (Cup)."
    assert at.answer(Scanned("4006381333931", "s3", 2)).kind == "right"
    assert at.answer(Scanned("POT", "s4")).kind == "right"
    assert at.answer(Scanned("CUP", "s5")).kind == "done"
    assert at.answer(Scanned("CUP", "s6")).qty == 0


def test_a_line_without_a_bin_asks_to_be_reported() -> None:
    nowhere = PickRound([line("l1", "v1", "CUP", 1)], [], CODES, None)
    assert "report it as missing" in nowhere.answer(Scanned("CUP", "s1")).text


def test_the_box_takes_what_was_picked_and_no_more() -> None:
    box = PackRound([line("l1", "v1", "CUP", 3, picked=2), line("l2", "v2", "POT", 1, picked=1, packed=1)], CODES)
    assert "in the box already" in box.answer(Scanned("POT", "s1")).text
    assert "Only 2 more" in box.answer(Scanned("CUP", "s2", 3)).text
    assert "does not belong" in box.answer(Scanned("A-1", "s3")).text
    assert box.answer(Scanned("CUP", "s4", 2)).kind == "done"


def test_every_status_has_a_label_and_a_group_and_leads_to_known_ones() -> None:
    statuses = set(FULFILLMENT.statuses())
    assert set(FULFILLMENT.labels) == statuses == OPEN | DONE
    assert all(after <= statuses for after in FULFILLMENT.edges.values())
    assert all(not FULFILLMENT.edges[status] for status in DONE)
