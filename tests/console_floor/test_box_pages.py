"""The pack station suggests a box with a drawing, weighs it, and lets another weight through only by right."""

from floor_desk import Desk
from sqlalchemy import select, update

import make
from storekeep.flows import floor, packing
from storekeep.shop.catalog.tables import variant
from storekeep.shop.fulfillment import store as fulfillments
from storekeep.shop.fulfillment.tables import fulfillment


def packed(desk: Desk, wanted: dict[str, int]) -> str:
    """The address of a box with everything in it."""
    order = make.order(desk.shop, wanted, paid=True).order_id
    with desk.shop.db.begin(actor="hand") as tx:
        tx.run(update(variant).values(length_mm=100, width_mm=90, height_mm=80))
        work = str(tx.scalar(select(fulfillment.c.id).where(fulfillment.c.order_id == order)))
        floor.claim(tx, None, [work])
        lines = fulfillments.lines_of(tx, [work])[work]
        for line in lines:
            floor.scan(tx, work, line.sku, f"{line.id} pick", line.due)
        for line in lines:
            packing.scan(tx, work, line.sku, f"{line.id} pack", line.due)
    return f"/console/pack/{work}"


def test_the_suggested_box_is_drawn_with_every_unit(desk: Desk) -> None:
    box = packed(desk, {"MUG": 2, "TEA": 3})
    text = desk.get(box, "warehouse").text
    assert "Suggested: " in text
    assert text.count("<text ") == 5
    assert 'role="img"' in text
    assert "are expected, give or take 10 g" in text


def test_a_wrong_weight_is_refused_and_only_some_may_let_it_through(desk: Desk) -> None:
    box = packed(desk, {"MUG": 2})
    fields = {"weight_g": "520", "carton_code": "M"}
    refused = desk.post(f"{box}/close", fields, "warehouse")
    assert refused.status == 422
    assert "400 g too little" in refused.text
    assert 'name="override"' not in refused.text
    assert 'name="override"' in desk.post(f"{box}/close", fields, "owner").text
    sneaky = desk.post(f"{box}/close", {**fields, "override": "just so"}, "warehouse")
    assert sneaky.status == 403
    assert desk.post(f"{box}/close", {**fields, "override": "one broke, refunded"}, "owner").place == box
    assert "one broke, refunded" in desk.get(box, "warehouse").text


def test_an_unknown_box_is_refused_in_words(desk: Desk) -> None:
    box = packed(desk, {"MUG": 1})
    answer = desk.post(f"{box}/close", {"weight_g": "500", "carton_code": "NOPE"}, "warehouse")
    assert answer.status == 422
    assert "no carton NOPE" in answer.text
