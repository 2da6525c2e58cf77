"""Orders that wait, what runs low, and how a variant is sold before it is here, through the console's pages."""

from floor_desk import Desk

import make
from storekeep.shop.inventory import ahead, low


def page_of(desk: Desk, sku: str) -> str:
    return f"/console/stock/{desk.shop.variants[sku]}/early"


def test_a_back_order_is_opened_and_its_orders_are_listed_until_goods_come(desk: Desk) -> None:
    here = page_of(desk, "MUG")
    assert desk.post(here, {"kind": "backorder", "limit": "30", "lead_days": "9"}, "warehouse").status == 303
    placed = make.order(desk.shop, {"MUG": 24}, paid=True)
    waiting = desk.get("/console/waiting", "agent").text
    assert f"/console/orders/{placed.number}" in waiting
    assert "nothing on order" in waiting
    assert f"Order #{placed.number}" in desk.get(here, "accountant").text
    assert "It waits for goods" in desk.get(f"/console/orders/{placed.number}", "agent").text
    assert f"Order #{placed.number}" in desk.get(f"/console/waiting?variant={desk.shop.variants['MUG']}", "agent").text
    assert "No order waits" in desk.get(f"/console/waiting?variant={desk.shop.variants['BOWL']}", "agent").text
    assert desk.get("/console/waiting?variant=nonsense", "agent").status == 404


def test_what_cannot_be_is_said_at_its_field(desk: Desk) -> None:
    here = page_of(desk, "MUG")
    for fields, words in (
        ({"kind": "backorder", "limit": "", "lead_days": "9"}, "Limit"),
        ({"kind": "backorder", "limit": "1e3", "lead_days": "9"}, "Limit"),
        ({"kind": "backorder", "limit": "5", "lead_days": "900"}, "Days"),
        ({"kind": "preorder", "limit": "5", "ships_on": "31.02.2027"}, "2027-03-31"),
        ({"kind": "someday", "limit": "5"}, "How it is sold"),
    ):
        answer = desk.post(here, fields, "warehouse")
        assert answer.status == 422, fields
        assert words in answer.text
    assert desk.post(here, {"kind": "stopped"}, "agent").status == 403
    with desk.shop.db.read() as tx:
        assert ahead.policies(tx, [desk.shop.variants["MUG"]]) == {}


def test_low_stock_lists_by_the_shops_level_or_the_variants_own(desk: Desk) -> None:
    assert "Nothing is low" in desk.get("/console/low", "warehouse").text
    assert desk.post("/console/low", {"units": "15"}, "warehouse").status == 303
    assert "BOWL" in desk.get("/console/low", "warehouse").text
    own = page_of(desk, "BOWL") + "/level"
    assert desk.post(own, {"level": "2"}, "warehouse").status == 303
    assert "BOWL" not in desk.get("/console/low", "warehouse").text
    assert desk.post(own, {"level": "many"}, "warehouse").status == 422
    assert desk.post(own, {"level": ""}, "warehouse").status == 303
    assert desk.post("/console/low", {"units": "-4"}, "warehouse").status == 422
    with desk.shop.db.read() as tx:
        assert (low.level_of(tx, desk.shop.variants["BOWL"]), low.default_level(tx)) == (None, 15)
