"""The screen of whoever counts goods with lots: item, then lot, then a number; and a lot that nobody knows."""

import re
from typing import Any

import pytest
from floor_desk import Desk
from sqlalchemy import select

import make
from storekeep.flows import lots, receive
from storekeep.shop.catalog import variants
from storekeep.shop.catalog.model import VariantChange
from storekeep.shop.inventory import locations
from storekeep.shop.inventory import lots as shelved
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.queries import balances_of, warehouses
from storekeep.shop.inventory.tables import lot
from storekeep.shop.reports import verify

GTIN = "04012345678901"


@pytest.fixture
def url(desk: Desk) -> Any:
    """The count of C-01-1 with PILL in it: lots P1 (3) and P2 (6, on hold)."""
    make.stock(desk.shop, {"PILL": (900, 300, 0)})
    pill = desk.shop.variants["PILL"]
    with desk.shop.db.begin("owner") as tx:
        variants.update(tx, [VariantChange(pill, tracking="lot", shelf_life_days=900, barcode=GTIN[1:])])
        at = locations.by_code(tx, "C-01-1").id
        lines = [ReceiveLine(pill, 3, 300, at, "P1", "2027-01-31"), ReceiveLine(pill, 6, 300, at, "P2", "2027-05-31")]
        receive.receive(tx, lines, warehouses(tx)[0].id, "pills", "delivery")
        lots.quarantine_lot(tx, shelved.by_code(tx, pill, "P2").id, "smells", "hold")
    yield desk.post("/console/counts", {"code": "C-01-1"}, "warehouse").place
    with desk.shop.db.read() as tx:
        assert verify.run(tx).status == "ok"


def seen(page: Any) -> str:
    """What a reader sees of a page."""
    return re.sub(r"<(script|style|svg)[^>]*>.*?</\1>|<[^>]+>", " ", page.text.split("<main")[1], flags=re.S)


def held(desk: Desk) -> dict[str, int]:
    with desk.shop.db.read() as tx:
        return {row.lot_code: row.qty for row in balances_of(tx, [desk.shop.variants["PILL"]])}


def typed(desk: Desk, address: str, counted: str) -> Any:
    screen = desk.get(address, "warehouse")
    assert "How many are there?" in screen.text, seen(screen)
    fields = {name: screen.hidden(name) for name in ("command_id", "line_id", "seen_seq", "at")}
    return desk.post(address.split("?")[0] + "/count", {**fields, "counted": counted}, "warehouse")


def test_the_item_is_scanned_then_its_lot_and_the_number_is_that_lots(desk: Desk, url: str) -> None:
    here = seen(desk.get(f"{url}?at=C-01-1", "warehouse"))
    assert "Lot P1, expires on 2027-01-31" in here
    assert "Lot P2" in here
    asked = desk.get(f"{url}?at=C-01-1&code=PILL", "warehouse")
    assert "Now scan its lot" in seen(asked)
    assert 'name="lot"' in asked.text
    assert "That is the item once more" in seen(desk.get(f"{url}?at=C-01-1&code=PILL&lot={GTIN[1:]}", "warehouse"))
    assert "no blanks" in seen(desk.get(f"{url}?at=C-01-1&code=PILL&lot=a+b", "warehouse"))
    screen = seen(desk.get(f"{url}?at=C-01-1&code=PILL&lot=p2", "warehouse"))
    assert "is of lot P2" in screen
    assert not re.search(r"\b[36]\b", screen.replace("C-01-1", "")), "what the books say is hidden"
    assert typed(desk, f"{url}?at=C-01-1&code=PILL&lot=p2", "5").status == 303
    assert held(desk) == {"P1": 3, "P2": 5}
    assert "Lot P2 of PILL is counted already" in seen(desk.get(f"{url}?at=C-01-1&code=PILL&lot=P2", "warehouse"))
    assert "Lot P2" in seen(desk.get("/console/counts/lines?lately=1"))


@pytest.mark.parametrize("code", [f"(01){GTIN}(17)270131(10)P1", f"]C101{GTIN}1727013110P1", "p1"])
def test_a_code_that_says_the_lot_leads_straight_to_its_number(desk: Desk, url: str, code: str) -> None:
    assert typed(desk, f"{url}?at=C-01-1&code={code}", "3").status == 303
    assert held(desk) == {"P1": 3, "P2": 6}


def test_a_lot_that_nobody_knows_is_named_with_its_expiry_and_goes_on_hold(desk: Desk, url: str) -> None:
    address = f"{url}?at=C-01-1&code=(01){GTIN}(10)P7"
    page = desk.get(address, "warehouse")
    assert "Nobody has booked in this lot" in seen(page)
    fields = {name: page.hidden(name) for name in ("variant_id", "lot_code", "at", "code")}
    for day, why in (("", "need their expiry"), ("2027-02-30", "not a day"), ("2099-01-01", "no lot of it lasts")):
        answer = desk.post(f"{url}/found", {**fields, "expires_on": day}, "warehouse")
        assert (answer.status, why in seen(answer)) == (422, True), seen(answer)
    answer = desk.post(f"{url}/found", {**fields, "expires_on": "2027-08-31"}, "warehouse")
    assert answer.status == 303
    assert "P7" in seen(desk.get(answer.place, "warehouse"))
    assert typed(desk, answer.place, "1").status == 303
    assert held(desk)["P7"] == 1
    with desk.shop.db.read() as tx:
        assert tx.scalar(select(lot.c.status).where(lot.c.code == "P7")) == "quarantined"


def test_the_date_on_the_code_of_an_unknown_lot_is_filled_in(desk: Desk, url: str) -> None:
    page = desk.get(f"{url}?at=C-01-1&code=(01){GTIN}(17)270831(10)P7", "warehouse")
    assert 'value="2027-08-31"' in page.text


def test_one_lot_in_one_bin_can_be_asked_for_from_the_page_of_its_goods(desk: Desk, url: str) -> None:
    variant = desk.shop.variants["PILL"]
    with desk.shop.db.read() as tx:
        wanted = shelved.by_code(tx, variant, "P2").id
        at = locations.by_code(tx, "C-01-1").id
    assert f'name="lot_id" value="{wanted}"' in desk.get(f"/console/stock/{variant}").text
    desk.post(f"{url}/call-off", {"reason": "only one of them"})
    fields = {"location_id": at, "variant_id": variant, "lot_id": wanted}
    task = desk.post("/console/counts", fields, "warehouse").place
    shown = seen(desk.get(f"{task}?at=C-01-1", "warehouse"))
    assert "Lot P2" in shown
    assert "Lot P1" not in shown
    assert desk.post("/console/counts", {**fields, "lot_id": "nonsense"}, "warehouse").status == 404
