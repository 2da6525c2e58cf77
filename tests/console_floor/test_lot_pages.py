"""Lots in the console: received with their expiry, shown where they count, held, released and recalled by a person."""

import re
from typing import Any

import pytest
from floor_desk import Desk

import make
from storekeep.flows import floor
from storekeep.shop.fulfillment import queries as work
from storekeep.shop.inventory import lots
from storekeep.shop.inventory.queries import availability_of
from storekeep.shop.reports.verify.run import run


@pytest.fixture
def tea(desk: Desk) -> Any:
    """A variant that the form of its product turned into one with lots."""
    make.stock(desk.shop, {"BAGS": (500, 200, 0)})
    variant_id = desk.shop.variants["BAGS"]
    page = desk.get(f"/console/products/{_product(desk, variant_id)}/variants/{variant_id}")
    names = ("sku", "price", "cost", "weight_g")
    fields = {name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', page.text)[1] for name in names}  # type: ignore[index]
    fields |= {"by_lot": "1", "shelf_life_days": "400", "min_days_at_ship": "30"}
    url = f"/console/products/{_product(desk, variant_id)}/variants/{variant_id}"
    assert desk.post(url, fields).status == 303
    yield variant_id
    with desk.shop.db.read() as tx:
        assert [(one.id, one.offenders) for one in run(tx, ["G1", "G4", "G8"]).results if one.status != "ok"] == []


def _product(desk: Desk, variant_id: str) -> str:
    with desk.shop.db.read() as tx:
        return str(tx.sql("SELECT product_id FROM variant WHERE id = :id", {"id": variant_id})[0].product_id)


def take_in(desk: Desk, variant_id: str, code: str, day: str, qty: int = 5, bin_code: str = "A-01-1") -> Any:
    fields = {"qty": qty, "cost": "2.00", "bin": bin_code, "reason": "delivery", "lot_code": code, "expires_on": day,
              "supplier": "Tea house", "command_id": f"take-in-{code}-{day}-{qty}"}  # fmt: skip
    return desk.post(f"/console/receive/{variant_id}", fields, "warehouse")


def lot_url(desk: Desk, variant_id: str, code: str) -> str:
    with desk.shop.db.read() as tx:
        return f"/console/stock/{variant_id}/lots/{lots.by_code(tx, variant_id, code).id}"


def available(desk: Desk, variant_id: str) -> int:
    with desk.shop.db.read() as tx:
        return availability_of(tx, [variant_id])[variant_id].available


@pytest.mark.parametrize(
    ("code", "day", "said"),
    [
        ("T1", "2026-11-01", "expired on 2026-11-01"),
        ("T1", "2027-02-31", "must be a date like"),
        ("T1", "", "its lots need their expiry"),
        ("", "2027-06-30", "say which lot"),
        ("KNOWN", "2027-07-01", "cannot be right as well"),
        ("T1", "2030-01-01", "no lot of it lasts beyond"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_booked(
    desk: Desk, tea: str, code: str, day: str, said: str
) -> None:
    assert take_in(desk, tea, "known", "2027-06-30", 1).status == 303
    answer = take_in(desk, tea, code, day)
    assert (answer.status, available(desk, tea)) == (422, 1)
    assert said in answer.text


def test_a_lot_is_held_released_and_recalled_and_its_page_names_who_got_it(desk: Desk, tea: str) -> None:
    take_in(desk, tea, "T1", "2027-06-30")
    take_in(desk, tea, "T2", "2027-08-31", 4, "B-01-1")
    placed = make.order(desk.shop, {"BAGS": 2}, paid=True)
    with desk.shop.db.begin(f"staff:{desk.ids['warehouse']}") as tx:
        one = work.of_order(tx, placed.order_id)[0].id
        floor.claim(tx, desk.ids["warehouse"], [one])
        assert floor.scan(tx, one, "T1", "scan-1", 2).kind == "done"
    first = lot_url(desk, tea, "T1")
    page = desk.get(first, "warehouse")
    assert "Order #1001" in page.text
    assert "Supplier" in page.text
    page = desk.get(f"/console/stock/{tea}", "accountant")
    assert first in page.text
    assert desk.post(first, {"act": "hold", "reason": "no", "command_id": "hold-lot-1"}, "accountant").status == 403
    assert desk.post(first, {"act": "hold", "reason": "", "command_id": "hold-lot-2"}, "warehouse").status == 422
    assert desk.post(first, {"act": "hold", "reason": "glass", "command_id": "hold-lot-3"}, "warehouse").status == 303
    assert available(desk, tea) == 2
    page = desk.get(f"/console/stock/{tea}", "owner")
    assert "lot on hold, not for sale" in page.text
    assert desk.post(first, {"act": "release", "reason": "fine", "command_id": "free-lot-1"}, "warehouse").status == 303
    assert available(desk, tea) == 5
    assert desk.post(first, {"act": "recall", "reason": "glass", "command_id": "call-lot-1"}, "warehouse").status == 303
    answer = desk.post(first, {"act": "release", "reason": "oh", "command_id": "free-lot-2"}, "warehouse")
    assert (answer.status, "cannot become ok" in answer.text) == (422, True)
    screen = desk.get(f"/console/pick/{one}", "warehouse")
    assert "lot T2, expires 2027-08-31" in screen.text


def test_a_place_is_counted_and_emptied_lot_by_lot(desk: Desk, tea: str) -> None:
    take_in(desk, tea, "T1", "2027-06-30")
    take_in(desk, tea, "T2", "2027-08-31", 4)
    page = desk.get(f"/console/stock/{tea}", "warehouse")
    links = re.findall(r'href="(/console/stock/[^"]*/at/[^"]*\?lot=[^"]*)"', page.text)
    assert len(links) == 2
    first = desk.get(links[0], "warehouse")
    lot_id, place = first.hidden("lot_id"), links[0].split("?")[0]
    fields = {"seen": 5, "counted": 4, "reason": "counted", "lot_id": lot_id, "command_id": "count-lot-1"}
    assert desk.post(f"{place}/count", fields, "warehouse").status == 303
    fields = {"act": "scrap", "qty": 1, "why": "wet", "command_id": "scrap-lot-1"}
    answer = desk.post(f"{place}/carry", fields, "warehouse")
    assert (answer.status, "several lots (T1, T2)" in answer.text) == (422, True)
    assert desk.post(f"{place}/carry", {**fields, "lot_id": lot_id}, "warehouse").status == 303
    assert available(desk, tea) == 7


def test_lots_cannot_begin_while_goods_lie_about_without_one(desk: Desk) -> None:
    variant_id = desk.shop.variants["MUG"]
    url = f"/console/products/{_product(desk, variant_id)}/variants/{variant_id}"
    fields = {"sku": "MUG", "price": "12.50", "cost": "5.00", "weight_g": "400", "by_lot": "1"}
    answer = desk.post(url, fields)
    assert (answer.status, "20 of MUG are in the house" in answer.text) == (422, True)
