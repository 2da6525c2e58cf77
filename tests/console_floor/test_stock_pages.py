"""Stock, receiving and returns: the numbers add up, stale ones are refused, what does not fit is said at its field."""

import re

import pytest
from floor_desk import Desk
from sqlalchemy import select

import make
from storekeep.flows import take_back
from storekeep.shop.inventory import locations, queries
from storekeep.shop.inventory.place import BinDraft
from storekeep.shop.inventory.tables import availability
from storekeep.shop.orders.store import lines_of
from storekeep.shop.reports import console_floor
from storekeep.shop.returns import returns


def bin_of(desk: Desk, sku: str) -> tuple[str, str]:
    """(variant id, id of the place where it lies)."""
    variant_id = desk.shop.variants[sku]
    with desk.shop.db.read() as tx:
        return variant_id, queries.balances_of(tx, [variant_id])[0].location_id


def on_hand(desk: Desk, sku: str) -> int:
    with desk.shop.db.read() as tx:
        query = select(availability.c.on_hand_sellable).where(availability.c.variant_id == desk.shop.variants[sku])
        return int(tx.scalar(query) or 0)


def test_the_moves_of_a_variant_add_up_to_its_number_page_by_page(desk: Desk) -> None:
    variant_id, place = bin_of(desk, "MUG")
    for n in range(7):
        fields = {"seen": 20 + n, "counted": 21 + n, "reason": "found one", "command_id": f"count-more-{n}"}
        assert desk.post(f"/console/stock/{variant_id}/at/{place}/count", fields, "warehouse").status == 303
    with desk.shop.db.read() as tx:
        house = queries.warehouses(tx)[0].id
        after, changes, afterwards = None, [], []
        while True:
            found = console_floor.moves_in_bins(tx, variant_id, house, after=after, limit=3)
            changes += [row.change for row in found.rows]
            afterwards += [row.left for row in found.rows]
            after = found.next_after
            if after is None:
                break
    assert sum(changes) == on_hand(desk, "MUG") == 27
    assert afterwards == [27, 26, 25, 24, 23, 22, 21, 20]


def test_the_stock_page_links_every_reservation_to_its_order(desk: Desk) -> None:
    placed = make.order(desk.shop, {"MUG": 3}, paid=True)
    with desk.shop.db.read() as tx:
        number = console_floor.order_number(tx, placed.order_id)
    page = desk.get(f"/console/stock/{desk.shop.variants['MUG']}", "accountant")
    assert f"/console/orders/{number}" in page.text
    assert "Count or move" not in page.text


def test_a_correction_of_a_number_that_moved_meanwhile_is_refused_with_what_moved(desk: Desk) -> None:
    variant_id, place = bin_of(desk, "MUG")
    url = f"/console/stock/{variant_id}/at/{place}/count"
    first = {"seen": 20, "counted": 18, "reason": "counted", "command_id": "count-first"}
    assert desk.post(url, first, "warehouse").status == 303
    stale = {"seen": 20, "counted": 25, "reason": "counted", "command_id": "count-stale"}
    answer = desk.post(url, stale, "warehouse")
    assert answer.status == 409
    assert "holds 18 of MUG, not 20" in answer.text
    assert on_hand(desk, "MUG") == 18
    assert desk.post(url, first, "warehouse").status == 303, "the same command twice is done once"
    assert on_hand(desk, "MUG") == 18


@pytest.mark.parametrize("number", ["-1", "99999999999999999", "1.5", "many", ""])
def test_numbers_that_cannot_be_are_refused_at_their_fields(desk: Desk, number: str) -> None:
    variant_id, place = bin_of(desk, "MUG")
    home = f"/console/stock/{variant_id}"
    tries = [
        (f"{home}/at/{place}/count", {"seen": 20, "counted": number, "reason": "x"}, "counted"),
        (f"{home}/at/{place}/carry", {"act": "scrap", "qty": number, "why": "broken"}, "qty"),
        (f"{home}/reorder", {"reorder_point": number, "order_up_to": 5}, "reorder_point"),
        (f"/console/receive/{variant_id}", {"qty": number, "cost": "1.00", "reason": "x"}, "qty"),
        (f"/console/receive/{variant_id}", {"qty": 1, "cost": number.replace("1.5", "1.555"), "reason": "x"}, "cost"),
    ]
    for at, (url, fields, field) in enumerate(tries):
        answer = desk.post(url, {**fields, "command_id": f"odd-number-{at}"}, "warehouse")
        assert answer.status == 422, (url, fields)
        assert f'id="{field}-error"' in answer.text
    assert on_hand(desk, "MUG") == 20


def test_goods_are_received_put_away_carried_set_aside_and_thrown_away(desk: Desk) -> None:
    variant_id, place = bin_of(desk, "BOWL")
    found = desk.get("/console/receive?q=bowl", "warehouse")
    assert found.place == f"/console/receive/{variant_id}"
    fields = {"qty": 5, "cost": "8.50", "reason": "delivery note 7", "command_id": "receive-bowls"}
    assert desk.post(found.place, {**fields, "bin": "NOWHERE"}, "warehouse").status == 422
    assert desk.post(found.place, fields, "warehouse").status == 303
    assert on_hand(desk, "BOWL") == 10
    link = re.search(r'href="(/console/receive/put-away\?[^"]+)"', desk.get("/console/receive", "warehouse").text)
    assert link is not None
    form = desk.get(link[1].replace("&amp;", "&"), "warehouse")
    away = {name: form.hidden(name) for name in ("variant_id", "location_id", "command_id")}
    too_many = desk.post("/console/receive/put-away", {**away, "qty": 6, "bin": "B-01-1"}, "warehouse")
    assert too_many.status == 422
    assert "qty-error" in too_many.text
    assert desk.post("/console/receive/put-away", {**away, "qty": 5, "bin": "b-01-1"}, "warehouse").status == 303
    assert on_hand(desk, "BOWL") == 15
    carry = f"/console/stock/{variant_id}/at/{place}/carry"
    moved = {"act": "transfer", "qty": 2, "target": "B-02-1", "command_id": "carry-two-1"}
    assert desk.post(carry, {**moved, "target": "Z-99"}, "warehouse").status == 422
    assert desk.post(carry, {**moved, "qty": 500}, "warehouse").status == 422
    assert desk.post(carry, moved, "warehouse").status == 303
    assert on_hand(desk, "BOWL") == 15
    aside = {"act": "set_aside", "qty": 1, "why": "chipped", "command_id": "aside-one-1"}
    assert desk.post(carry, {**aside, "why": ""}, "warehouse").status == 422
    assert desk.post(carry, aside, "warehouse").status == 303
    scrap = {"act": "scrap", "qty": 1, "why": "in pieces", "command_id": "scrap-one-1"}
    assert desk.post(carry, scrap, "warehouse").status == 303
    assert on_hand(desk, "BOWL") == 13


def test_a_blocked_bin_is_not_sold_from_until_it_is_used_again(desk: Desk) -> None:
    _, place = bin_of(desk, "MUG")
    url = f"/console/stock/bins/{place}/status"
    assert desk.post(url, {"to": "blocked", "reason": "", "command_id": "block-bin-1"}, "warehouse").status == 422
    fields = {"to": "blocked", "reason": "leaking roof", "command_id": "block-bin-1"}
    assert desk.post(url, fields, "warehouse").status == 303
    assert on_hand(desk, "MUG") == 0
    page = desk.get(f"/console/stock/{desk.shop.variants['MUG']}").text
    assert "20 in blocked bins" in page
    again = {"to": "active", "reason": "dry", "command_id": "unblock-bin-1"}
    assert desk.post(url, again, "warehouse").status == 303
    assert on_hand(desk, "MUG") == 20


def test_what_falls_to_its_reorder_point_is_listed_and_can_be_downloaded(desk: Desk) -> None:
    with desk.shop.db.read() as tx:
        house = queries.warehouses(tx)[0].id
    fields = {"reorder_point": 12, "order_up_to": 30, "buffer": 1, "warehouse_id": house}
    assert desk.post(f"/console/stock/{desk.shop.variants['BOWL']}/reorder", fields, "warehouse").status == 303
    assert "BOWL" in desk.get("/console/reorder").text
    file = desk.get("/console/reorder/list.csv")
    assert file.headers["content-type"].startswith("text/csv")
    assert file.text.splitlines()[1].startswith("BOWL,Bowl,,10,0,12,30,20,8.00,160.00")


def test_a_return_is_found_by_its_number_counted_in_and_decided_on(desk: Desk) -> None:
    placed = make.order(desk.shop, {"MUG": 2, "BOWL": 1}, paid=True)
    send(desk)
    with desk.shop.db.begin(actor="staff:1") as tx:
        mugs = next(line for line in lines_of(tx, [placed.order_id]) if line.sku == "MUG")
        take_back.approve_return(tx, placed.order_id, {mugs.id: 2}, reason="Too big", command_id="agree-return-1")
    for typed in ("RMA-1", "rma1", "1"):
        home = desk.post("/console/returns/find", {"number": typed}, "warehouse").place
        assert home.startswith("/console/returns/")
    for typed in ("", "RMA-x", "77", "1e3"):
        assert desk.post("/console/returns/find", {"number": typed}, "warehouse").status == 422
    with desk.shop.db.read() as tx:
        line = returns.lines_of(tx, [home.rsplit("/", 1)[1]])[home.rsplit("/", 1)[1]][0]
    for odd in ("3", "-1", "x"):
        refused = desk.post(f"{home}/receive", {f"received-{line.id}": odd, "command_id": "take-in-0"}, "warehouse")
        assert refused.status == 422
        assert f"received-{line.id}-error" in refused.text
    assert (
        desk.post(f"{home}/receive", {f"received-{line.id}": 2, "command_id": "take-in-1"}, "warehouse").status == 303
    )
    assert on_hand(desk, "MUG") == 18
    decide, units, home_bin = f"{home}/lines/{line.id}", f"units-{line.id}", f"bin-{line.id}"
    back = {units: 1, home_bin: "A-01-1", "outcome": "restock", "command_id": "decide-1"}
    assert desk.post(decide, {**back, home_bin: "Q-77"}, "warehouse").status == 422
    assert desk.post(decide, {**back, units: 5}, "warehouse").status == 422
    assert desk.post(decide, back, "warehouse").status == 303
    assert on_hand(desk, "MUG") == 19
    assert desk.post(decide, {units: 1, "outcome": "scrap", "command_id": "decide-2"}, "warehouse").status == 303
    assert "Closed" in desk.get(home, "warehouse").text


def send(desk: Desk) -> None:
    """The one waiting order leaves the house."""
    screen = desk.post("/console/pick/claim", role="warehouse").place
    box, work_id = screen.replace("pick", "pack"), screen.rsplit("/", 1)[1]
    for station in (screen, box):
        for n, code in enumerate(("MUG", "MUG", "BOWL")):
            desk.scan(f"{station}/scan", code, f"send-{station[9:13]}-{n}")
    desk.post(f"{box}/close", {}, "warehouse")
    desk.shop.work()
    desk.post("/console/dispatch", {"fulfillment_id": work_id, "command_id": "send-it-off"}, "warehouse")


def test_a_bin_whose_code_says_nothing_is_given_its_place_in_the_hall(desk: Desk) -> None:
    with desk.shop.db.begin(actor="owner") as tx:
        home = queries.warehouses(tx)[0].id
        (place,) = locations.add_bins(tx, home, [BinDraft("CORNER", 9_999)])
    url = f"/console/stock/bins/{place}"
    assert "Nobody has said" in desk.get(url).text
    for odd in ({"aisle": "", "bay": 1, "level": 1}, {"aisle": "K", "bay": 0, "level": 1},
                {"aisle": "K", "bay": 1001, "level": 1}, {"aisle": "K", "bay": "1.5", "level": 1},
                {"aisle": "AISLE-NUMBER-12", "bay": 1, "level": 1}):  # fmt: skip
        assert desk.post(f"{url}/place", odd, "warehouse").status == 422, odd
    assert desk.post(f"{url}/place", {"aisle": "k", "bay": 7, "level": 2}, "warehouse").place == url
    with desk.shop.db.read() as tx:
        found = locations.load(tx, [place])[place]
        packing = locations.places(tx, home)["packing"].id
    assert (found.aisle, found.bay, found.level) == ("K", 7, 2)
    assert 'value="K"' in desk.get(url).text
    fields = {"aisle": "K", "bay": 7, "level": 2}
    assert desk.post(f"/console/stock/bins/{packing}/place", fields, "warehouse").status == 409
