"""A second warehouse is opened on a page, the rule is chosen, and an order's page says why goods come from where."""

from floor_desk import Desk

import make
from storekeep.shop.inventory import locations, queries, receiving
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.origins import ParcelCost, load_settings
from storekeep.shop.inventory.place import BinDraft
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.reports import sourced

URL = "/console/settings/warehouses"
NORTH = {"code": "north", "name": "North", "timezone": "Europe/Berlin", "country": "DE", "postcode": "24103",
         "cutoff_hour": "12", "home": "3.20", "abroad": "9"}  # fmt: skip


def second(desk: Desk, sku: str, units: int, **changed: str) -> str:
    """A second warehouse with units of a variant, opened by its page."""
    done = desk.post(f"{URL}/new", {**NORTH, **changed})
    assert done.status == 303, done.text
    house_id = done.place.partition("warehouse=")[2]
    with desk.shop.db.begin(actor="test") as tx:
        place = locations.add_bins(tx, house_id, [BinDraft("N-1", 1)])[0]
        receiving.receive(tx, [ReceiveLine(desk.shop.variants[sku], units, 500, place)], house_id, "north", "opening")
    return house_id


def number_of(desk: Desk, order_id: str) -> int:
    with desk.shop.db.read() as tx:
        row = tx.first(sales_order.select().where(sales_order.c.id == order_id))
        assert row is not None
        return int(row.number)


def test_a_warehouse_is_opened_and_changed(desk: Desk) -> None:
    house_id = second(desk, "MUG", 5)
    assert "North" in desk.get(URL).text
    with desk.shop.db.read() as tx:
        assert load_settings(tx).costs == {house_id: ParcelCost(320, 900)}
    changed = {**NORTH, "name": "Far north", "cutoff_hour": "9", "home": "4"}
    assert desk.post(f"{URL}/{house_id}", changed).status == 303
    with desk.shop.db.read() as tx:
        house = next(row for row in queries.warehouses(tx) if row.id == house_id)
        assert (house.code, house.name, house.cutoff_hour) == ("NORTH", "Far north", 9)
        assert load_settings(tx).costs == {house_id: ParcelCost(400, 900)}


def test_what_does_not_fit_is_said_at_its_field(desk: Desk) -> None:
    for field, typed, said in (
        ("code", "MAIN", "already"),
        ("code", "a b", "letters, digits"),
        ("country", "D1", "two letters"),
        ("timezone", "Europe/Atlantis", "no time zone"),
        ("cutoff_hour", "24", "23"),
        ("home", "-1", ""),
        ("name", "", ""),
    ):
        answer = desk.post(f"{URL}/new", {**NORTH, field: typed})
        assert answer.status == 422, field
        assert said in answer.text
        assert f'id="{field}-error"' in answer.text
    with desk.shop.db.read() as tx:
        assert len(queries.warehouses(tx)) == 1
    assert desk.get(f"{URL}/no-such-house").status == 404
    assert desk.get(URL, "warehouse").status == 403
    assert desk.post(URL, {"rule": "whim"}).status == 400


def test_the_rule_decides_and_the_order_tells_why(desk: Desk) -> None:
    house_id = second(desk, "MUG", 50)
    assert desk.post(URL, {"rule": "cost"}).status == 303
    placed = make.order(desk.shop, {"MUG": 2})
    with desk.shop.db.read() as tx:
        (choice,) = sourced.choices_of(tx, placed.order_id)
    # A parcel from MAIN costs nothing as long as nobody has said what it costs.
    main, north = sorted(choice.offers, key=lambda offer: offer.warehouse_id == house_id)
    assert (choice.rule, main.sends, north.sends, north.could, choice.wanted) == ("cost", 2, 0, 2, 2)
    page = desk.get(f"/console/orders/{number_of(desk, placed.order_id)}").text
    assert "Cheapest: 1" in page
    assert "2 of 2" in page

    desk.post(URL, {"rule": "stock"})
    again = make.order(desk.shop, {"MUG": 2})
    with desk.shop.db.read() as tx:
        (choice,) = sourced.choices_of(tx, again.order_id)
    assert {offer.warehouse_id: offer.sends for offer in choice.offers if offer.sends} == {house_id: 2}


def test_a_line_that_no_warehouse_has_alone_is_split_and_said_so(desk: Desk) -> None:
    with desk.shop.db.read() as tx:
        there = queries.availability_of(tx, [desk.shop.variants["MUG"]])[desk.shop.variants["MUG"]].available
    house_id = second(desk, "MUG", 3)
    placed = make.order(desk.shop, {"MUG": there + 1})
    with desk.shop.db.read() as tx:
        (choice,) = sourced.choices_of(tx, placed.order_id)
    assert sum(offer.sends for offer in choice.offers) == there + 1 == choice.wanted
    assert choice.senders == 2
    assert choice.whole == 0
    page = desk.get(f"/console/orders/{number_of(desk, placed.order_id)}").text
    assert "no single warehouse had everything, so 2 send" in page
    assert house_id in page


def test_with_one_warehouse_nothing_is_said(desk: Desk) -> None:
    placed = make.order(desk.shop, {"MUG": 1})
    assert "Where the goods come from" not in desk.get(f"/console/orders/{number_of(desk, placed.order_id)}").text
