"""From the work list to the carrier, through the pages alone."""

import re
from typing import Any

import pytest
from floor_desk import Desk
from sqlalchemy import select

import make
from storekeep.flows import cancel
from storekeep.shop.fulfillment import queries
from storekeep.shop.fulfillment.tables import fulfillment, scan_log
from storekeep.shop.inventory.queries import balances_of
from storekeep.shop.shipping.tables import shipment


def work_of(desk: Desk, order_id: str) -> Any:
    with desk.shop.db.read() as tx:
        return queries.of_order(tx, order_id)[0]


def first_stop(desk: Desk, work_id: str) -> Any:
    with desk.shop.db.read() as tx:
        stops = queries.stops_of(tx, [work_id])[work_id]
    return stops[0] if stops else None


def picked_lines(desk: Desk, work_id: str) -> dict[str, int]:
    with desk.shop.db.read() as tx:
        return {line.sku: line.picked for line in queries.detail(tx, work_id).lines}


@pytest.fixture
def work(desk: Desk) -> str:
    """The address of the pick screen of a claimed order of two mugs and a bowl."""
    make.order(desk.shop, {"MUG": 2, "BOWL": 1}, paid=True)
    answer = desk.post("/console/pick/claim", role="warehouse")
    assert answer.status == 303
    return answer.place


def test_an_order_goes_from_the_list_to_the_carrier_through_the_pages(desk: Desk) -> None:
    placed = make.order(desk.shop, {"MUG": 2, "BOWL": 1}, paid=True)
    assert "#" + str(work_of(desk, placed.order_id).order_number) in desk.get("/console/pick", "warehouse").text
    screen = desk.post("/console/pick/claim", role="warehouse").place
    work_id = screen.rsplit("/", 1)[1]
    for n, code in enumerate(("MUG", "mug", "BOWL")):
        assert "Wrong" not in desk.scan(f"{screen}/scan", code, f"pick-scan-{n}").text
    assert work_of(desk, placed.order_id).status == "picked"
    box = f"/console/pack/{work_id}"
    early = desk.post(f"{box}/close", {"weight_g": "1300"}, "warehouse")
    assert early.status == 422
    assert "not in the box yet" in early.text
    for n, code in enumerate(("MUG", "MUG", "BOWL")):
        desk.scan(f"{box}/scan", code, f"pack-scan-{n}")
    assert desk.post(f"{box}/close", {"weight_g": "1300"}, "warehouse").place == box
    closed = desk.get(box, "warehouse")
    assert "Packing slip" in closed.text
    papers = re.findall(rf'href="({box}/papers/[^"]+)"', closed.text)
    assert [desk.get(url, "warehouse").headers["content-type"] for url in papers] == ["application/pdf"] * 2
    desk.shop.work()
    door = desk.get("/console/dispatch", "warehouse")
    assert work_id in door.text
    sent = {"fulfillment_id": work_id, "command_id": door.hidden("command_id")}
    assert desk.post("/console/dispatch", sent, "warehouse").status == 303
    assert work_of(desk, placed.order_id).status == "handed_over"
    with desk.shop.db.read() as tx:
        assert tx.scalar(select(shipment.c.weight_g)) == 1300


def test_a_wrong_scan_is_red_and_names_what_was_scanned_and_what_is_expected(desk: Desk, work: str) -> None:
    answer = desk.scan(f"{work}/scan", "TEA", "scan-wrong-1")
    assert answer.status == 200
    assert "scan-bad" in answer.text
    assert "scanned TEA" in answer.text
    assert "Expected" in answer.text
    assert "<html" not in answer.text
    assert set(picked_lines(desk, work.rsplit("/", 1)[1]).values()) == {0}


def test_the_same_scan_id_counts_once_and_gets_the_same_answer(desk: Desk, work: str) -> None:
    answers = [desk.scan(f"{work}/scan", "MUG", "scan-twice-1") for _ in range(3)]
    assert ["1 of 2 MUG picked" in answer.text for answer in answers] == [True] * 3
    assert picked_lines(desk, work.rsplit("/", 1)[1])["MUG"] == 1


def test_without_script_a_scan_is_a_plain_form_and_leads_back_to_its_answer(desk: Desk, work: str) -> None:
    scan_id = desk.get(work, "warehouse").hidden("scan_id")
    sent = [desk.post(f"{work}/scan", {"code": "MUG", "scan_id": scan_id}, "warehouse") for _ in range(2)]
    assert [answer.status for answer in sent] == [303, 303]
    assert "1 of 2 MUG picked" in desk.get(sent[0].place, "warehouse").text
    assert picked_lines(desk, work.rsplit("/", 1)[1])["MUG"] == 1


def test_an_empty_scan_and_odd_quantities_are_refused_without_harm(desk: Desk, work: str) -> None:
    for fields in ({"code": " "}, {"code": "MUG", "qty": "-2"}, {"code": "MUG", "qty": "99999999999999999999"}):
        answer = desk.post(f"{work}/scan", {"scan_id": "scan-odd-1", **fields}, "warehouse")
        assert answer.status == 422
        assert "Wrong" in answer.text
    assert desk.scan(f"{work}/scan", "MUG", "x").status == 400
    assert set(picked_lines(desk, work.rsplit("/", 1)[1]).values()) == {0}
    with desk.shop.db.read() as tx:
        assert not tx.rows(select(scan_log))


def test_undo_puts_the_last_unit_back(desk: Desk, work: str) -> None:
    desk.scan(f"{work}/scan", "MUG", "scan-undo-1")
    answer = desk.post(f"{work}/undo", {"scan_id": "undo-this-1"}, "warehouse")
    assert "Undone" in desk.get(answer.place, "warehouse").text
    assert picked_lines(desk, work.rsplit("/", 1)[1])["MUG"] == 0


def test_damaged_units_are_set_aside_and_others_are_fetched_instead(desk: Desk, work: str) -> None:
    work_id = work.rsplit("/", 1)[1]
    with desk.shop.db.read() as tx:
        detail = queries.detail(tx, work_id)
    line = next(line for line in detail.lines if line.sku == "MUG")
    stop = next(stop for stop in detail.stops if stop.line_id == line.id)
    fields = {"line_id": line.id, "location_id": stop.location_id, "reason": "damaged", "command_id": "short-command-1"}
    for number in ("2", "-1", "many", ""):
        refused = desk.post(f"{work}/short", {**fields, "found_qty": number}, "warehouse")
        assert refused.status == 422
        assert "found_qty-error" in refused.text
    assert desk.post(f"{work}/short", {**fields, "found_qty": "1"}, "warehouse").status == 303
    with desk.shop.db.read() as tx:
        line = next(line for line in queries.detail(tx, work_id).lines if line.sku == "MUG")
        places = {row.kind: row.qty for row in balances_of(tx, [line.variant_id])}
    assert places == {"bin": 19, "quarantine": 1}
    assert line.due == 2, "another one of the bin is taken instead"


def test_missing_units_that_no_bin_has_are_taken_off_the_order(desk: Desk) -> None:
    make.order(desk.shop, {"BOWL": 10}, paid=True)
    screen = desk.post("/console/pick/claim", role="warehouse").place
    with desk.shop.db.read() as tx:
        detail = queries.detail(tx, screen.rsplit("/", 1)[1])
    fields = {"line_id": detail.lines[0].id, "location_id": detail.stops[0].location_id, "reason": "missing"}
    sent = {**fields, "found_qty": "4", "command_id": "short-command-2"}
    assert desk.post(f"{screen}/short", sent, "warehouse").status == 303
    assert desk.post(f"{screen}/short", sent, "warehouse").status == 303, "sending it again does nothing more"
    with desk.shop.db.read() as tx:
        line = queries.detail(tx, detail.row.id).lines[0]
    assert (line.due, line.dropped) == (4, 6)


def test_a_canceled_order_stops_the_picker(desk: Desk, work: str) -> None:
    work_id = work.rsplit("/", 1)[1]
    with desk.shop.db.begin(actor="staff:1") as tx:
        order_id = tx.scalar(select(fulfillment.c.order_id).where(fulfillment.c.id == work_id))
        cancel.cancel_order(tx, order_id, reason="changed their mind", command_id="cancel-it-1")
    answer = desk.scan(f"{work}/scan", "MUG", "scan-late-1")
    assert "Stop" in answer.text
    assert "called off" in desk.get(work, "warehouse").text


def test_work_that_somebody_else_has_cannot_be_claimed_and_can_be_given_back(desk: Desk, work: str) -> None:
    work_id = work.rsplit("/", 1)[1]
    answer = desk.post("/console/pick/claim", {"fulfillment_id": work_id}, "owner")
    assert answer.place == "/console/pick"
    assert desk.post(f"{work}/release", role="warehouse").place == "/console/pick"
    assert desk.post("/console/pick/claim", {"fulfillment_id": work_id}, "owner").place == work


def test_the_pack_station_refuses_what_was_not_picked_and_finds_work_by_order_number(desk: Desk, work: str) -> None:
    for n, code in enumerate(("MUG", "MUG", "BOWL")):
        desk.scan(f"{work}/scan", code, f"pick-all-{n}")
    box = work.replace("pick", "pack")
    with desk.shop.db.read() as tx:
        number = queries.detail(tx, work.rsplit("/", 1)[1]).row.order_number
    assert desk.post("/console/pack/find", {"order": f"#{number}"}, "warehouse").place == box
    for typed in ("", "abc", "999999", "-4"):
        assert desk.post("/console/pack/find", {"order": typed}, "warehouse").status == 422
    wrong = desk.scan(f"{box}/scan", "TEA", "pack-wrong-1").text
    assert "scan-bad" in wrong
    assert "scanned TEA" in wrong
    desk.scan(f"{box}/scan", "MUG", "pack-right-1")
    assert desk.post(f"{box}/undo", {"scan_id": "pack-undo-1"}, "warehouse").status == 303


def test_a_weight_that_cannot_be_is_refused_at_its_field(desk: Desk, work: str) -> None:
    box = work.replace("pick", "pack")
    for n, code in enumerate(("MUG", "MUG", "BOWL")):
        desk.scan(f"{work}/scan", code, f"pick-each-{n}")
        desk.scan(f"{box}/scan", code, f"pack-each-{n}")
    for n, code in enumerate(("MUG", "MUG", "BOWL")):
        desk.scan(f"{box}/scan", code, f"pack-last-{n}")
    for grams in ("-5", "0", "99999999", "heavy"):
        answer = desk.post(f"{box}/close", {"weight_g": grams}, "warehouse")
        assert answer.status == 422
        assert "weight_g-error" in answer.text


def test_a_parcel_that_may_not_leave_says_why_and_stays(desk: Desk, work: str) -> None:
    box = work.replace("pick", "pack")
    for n, code in enumerate(("MUG", "MUG", "BOWL")):
        desk.scan(f"{work}/scan", code, f"pick-hold-{n}")
    for n, code in enumerate(("MUG", "MUG", "BOWL")):
        desk.scan(f"{box}/scan", code, f"pack-hold-{n}")
    desk.post(f"{box}/close", {}, "warehouse")
    door = desk.get("/console/dispatch", "warehouse")
    assert "money is not captured yet" in door.text
    sent = {"fulfillment_id": work.rsplit("/", 1)[1], "command_id": "hand-over-1"}
    desk.post("/console/dispatch", sent, "warehouse")
    with desk.shop.db.read() as tx:
        assert queries.detail(tx, work.rsplit("/", 1)[1]).row.status == "packed"
