"""The lot fields on the pages of a delivery: written while counting or before booking in, and never lost on the way."""

import re
from typing import Any

import pytest
from floor_desk import Desk
from sqlalchemy import select

import make
from storekeep.shop.catalog import variants
from storekeep.shop.catalog.model import VariantChange
from storekeep.shop.inventory.queries import balances_of
from storekeep.shop.inventory.tables import lot
from storekeep.shop.reports import verify

GTIN = "04012345678901"


@pytest.fixture
def door(desk: Desk) -> Any:
    """A delivery that nobody ordered, of a shop in which PILL is told apart by lot."""
    make.stock(desk.shop, {"PILL": (900, 300, 0)})
    with desk.shop.db.begin("owner") as tx:
        change = VariantChange(desk.shop.variants["PILL"], tracking="lot", shelf_life_days=900, barcode=GTIN[1:])
        variants.update(tx, [change])
    page = desk.get("/console/deliveries", "warehouse")
    fields = {"code": "", "command_id": page.hidden("command_id")}
    yield desk.post("/console/deliveries/open", fields, "warehouse").place
    with desk.shop.db.read() as tx:
        assert verify.run(tx).status == "ok"


def seen(page: Any) -> str:
    """What a reader sees of a page."""
    text = re.sub(r"<(script|style|svg)[^>]*>.*?</\1>|<[^>]+>", " ", page.text.split("<main")[1], flags=re.S)
    return re.sub(r"\s+", " ", text)


def scan(desk: Desk, door: str, code: str, **more: str) -> Any:
    command = desk.get(door, "warehouse").hidden("command_id")
    fields = {"code": code, "qty": "2", "lot_code": "", "expires_on": "", "command_id": command}
    return desk.post(f"{door}/scan", fields | more, "warehouse")


def decided(desk: Desk, door: str) -> Any:
    """The page of the delivery once every line of it is accepted."""
    page = desk.get(door, "warehouse")
    while line := re.search(r'name="accept-([0-9a-f-]+)"', page.text):
        fields = {"line_id": line[1], f"accept-{line[1]}": "2", f"reason-{line[1]}": "welcome"}
        command = re.search(r'name="command_id" value="([^"]+)"', page.text[: line.start()].rsplit("<form", 1)[1])
        assert command
        done = desk.post(f"{door}/decide", {**fields, "command_id": command[1]}, "warehouse")
        assert done.status == 303, seen(done)
        page = desk.get(door, "warehouse")
    return page


def finished(desk: Desk, door: str) -> None:
    command = re.search(r'/finish">.*?name="command_id" value="([^"]+)"', desk.get(door, "warehouse").text, re.S)
    assert command
    assert desk.post(f"{door}/finish", {"command_id": command[1]}, "warehouse").status == 303


def booked(desk: Desk, door: str, page: Any, **more: str) -> Any:
    command = re.search(r'/post">.*?name="command_id" value="([^"]+)"', page.text, re.S)
    assert command
    return desk.post(f"{door}/post", {"command_id": command[1], **more}, "warehouse")


def test_the_lot_beside_a_scan_is_kept_shown_and_booked_in(desk: Desk, door: str) -> None:
    assert scan(desk, door, "PILL", lot_code="p1", expires_on="2027-06-30").status == 303
    assert scan(desk, door, f"(01){GTIN}(17)270731(10)P2").status == 303
    shown = seen(desk.get(door, "warehouse"))
    assert "Lot P1, expires on 2027-06-30" in shown
    assert "Lot P2, expires on 2027-07-31" in shown
    finished(desk, door)
    deciding = seen(desk.get(door, "warehouse"))
    assert "lot P1 , expires on 2027-06-30" in deciding, "two lots of one item are told apart where they are decided on"
    page = decided(desk, door)
    assert "lot-" not in page.text, "nothing is asked for twice"
    assert booked(desk, door, page).status == 303
    with desk.shop.db.read() as tx:
        rows = balances_of(tx, [desk.shop.variants["PILL"]])
    assert sorted((row.lot_code, row.qty) for row in rows) == [("P1", 2), ("P2", 2)]
    assert "Lot P1" in seen(desk.get(door))


@pytest.mark.parametrize(
    ("code", "more", "said"),
    [
        ("PILL", {"expires_on": "2027-06-30"}, "Say the lot as well as its expiry"),
        ("PILL", {"lot_code": "a b"}, "no blanks"),
        ("PILL", {"lot_code": "P1", "expires_on": "30.6.27"}, "Expires on"),
        ("MUG", {"lot_code": "P1"}, "not told apart by lot"),
    ],
)
def test_what_cannot_be_a_lot_is_refused_and_nothing_is_counted(
    desk: Desk, door: str, code: str, more: dict[str, str], said: str
) -> None:
    answer = scan(desk, door, code, **more)
    assert (answer.status, said.lower() in seen(answer).lower()) == (422, True), seen(answer)
    assert "Counted so far" not in desk.get(door, "warehouse").text


def test_an_expiry_that_was_typed_belongs_to_the_lot_on_the_code(desk: Desk, door: str) -> None:
    assert scan(desk, door, f"(01){GTIN}(10)P3", expires_on="2027-08-31").status == 303
    assert "Lot P3, expires on 2027-08-31" in seen(desk.get(door, "warehouse"))


def test_a_lot_that_was_not_written_down_is_asked_for_before_booking_in(desk: Desk, door: str) -> None:
    assert scan(desk, door, "PILL").status == 303
    finished(desk, door)
    page = decided(desk, door)
    field = re.search(r'name="(lot-[0-9a-f-]+)"', page.text)
    assert field
    day = field[1].replace("lot-", "expires-")
    assert "say which lot these 2 are" in seen(booked(desk, door, page))
    for fields, said in (
        ({day: "2027-06-30"}, "as well as its expiry"),
        ({field[1]: "P 1"}, "no blanks"),
        ({field[1]: "P1"}, "need their expiry"),
        ({field[1]: "P1", day: "2099-01-01"}, "no lot of it lasts"),
    ):
        answer = booked(desk, door, desk.get(door, "warehouse"), **fields)
        assert (answer.status, said in seen(answer)) == (422, True), seen(answer)
        assert f'value="{fields.get(field[1], "")}"' in answer.text, "what was typed is still there"
    done = booked(desk, door, desk.get(door, "warehouse"), **{field[1]: "p1", day: "2027-06-30"})
    assert done.status == 303, seen(done)
    with desk.shop.db.read() as tx:
        assert [tuple(row) for row in tx.rows(select(lot.c.code, lot.c.expires_on))] == [("P1", "2027-06-30")]
