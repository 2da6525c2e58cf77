"""The restock board: order as suggested or otherwise, dismiss, look again; rules and their refusals; the proof."""

from typing import Any

import pytest
from floor_desk import Desk
from sqlalchemy import select

import make
from storekeep.kernel.clock import DAY
from storekeep.shop.access import sessions
from storekeep.shop.inventory import policies as hand_set
from storekeep.shop.inventory import queries as stock
from storekeep.shop.replenishment import policies
from storekeep.shop.replenishment.tables import replenishment_suggestion
from storekeep.shop.reports import verify

BOARD = "/console/restock"


def lines(desk: Desk, status: str = "open") -> dict[str, Any]:
    table = replenishment_suggestion
    with desk.shop.db.read() as tx:
        return {row.sku: row for row in tx.rows(select(table).where(table.c.status == status))}


def wanted(desk: Desk) -> dict[str, Any]:
    """Mugs and bowls are to be bought by hand-set levels; the board has been asked to look."""
    with desk.shop.db.begin(actor="owner") as tx:
        home = stock.warehouses(tx)[0].id
        for sku in ("MUG", "BOWL"):
            hand_set.set_reorder(tx, desk.shop.variants[sku], home, 500, 600)
    assert desk.post(f"{BOARD}/again", {"command_id": "look-at-all"}).status == 303
    return lines(desk)


def test_ticked_lines_are_ordered_in_the_typed_quantity_once(desk: Desk) -> None:
    open_lines = wanted(desk)
    page = desk.get(BOARD).text
    assert page.index('value="order"') < page.index('value="dismiss:'), "what Enter presses is no dismissal"
    mug, bowl = open_lines["MUG"], open_lines["BOWL"]
    typed = {"act": "order", "supplier": "", "pick": mug.id, f"qty-{mug.id}": 7, f"qty-{bowl.id}": 9,
             "command_id": "order-some"}  # fmt: skip
    for _ in range(2):
        assert desk.post(f"{BOARD}/decide", typed).status == 303
    assert lines(desk, "edited")["MUG"].taken_qty == 7
    assert set(lines(desk)) == {"BOWL"}
    stale = desk.post(f"{BOARD}/decide", typed | {"command_id": "order-more"})
    assert stale.status == 409
    assert "not open any more" in stale.text
    again = desk.post(f"{BOARD}/decide", {"act": "all", "supplier": "", "command_id": "order-rest"})
    assert again.status == 303
    assert lines(desk, "accepted")["BOWL"].taken_qty == bowl.qty
    assert "Nothing to order" in desk.get(BOARD).text
    with desk.shop.db.read() as tx:
        assert verify.run(tx, ["R1", "R2", "K2"]).status == "ok"


@pytest.mark.parametrize("qty", ["0", "-3", "1.5", "1e3", "4006381333931", "", "many"])
def test_a_quantity_that_cannot_be_is_said_at_its_field_and_nothing_is_ordered(desk: Desk, qty: str) -> None:
    mug = wanted(desk)["MUG"]
    answer = desk.post(f"{BOARD}/decide", {"act": "order", "supplier": "", "pick": mug.id, f"qty-{mug.id}": qty,
                                           "command_id": "order-wrong"})  # fmt: skip
    assert answer.status == 422
    assert f'href="#qty-{mug.id}"' in answer.text
    assert set(lines(desk)) == {"MUG", "BOWL"}


def test_nothing_ticked_an_unknown_act_and_a_missing_command_are_refused(desk: Desk) -> None:
    mug = wanted(desk)["MUG"]
    assert desk.post(f"{BOARD}/decide", {"act": "order", "supplier": "", "command_id": "order-none"}).status == 422
    assert desk.post(f"{BOARD}/decide", {"act": "burn", "command_id": "order-burn"}).status == 400
    known = {"act": "order", "supplier": "", "pick": mug.id, f"qty-{mug.id}": 3, "command_id": "?"}
    assert desk.post(f"{BOARD}/decide", known).status == 400
    nowhere = "00000000-0000-4000-8000-000000000000"
    assert desk.post(f"{BOARD}/decide", known | {"pick": nowhere, f"qty-{nowhere}": 3,
                                                 "command_id": "order-gone"}).status == 404  # fmt: skip
    assert desk.get(f"{BOARD}/{nowhere}").status == desk.get(f"{BOARD}/x").status == 404
    assert set(lines(desk)) == {"MUG", "BOWL"}


def test_a_dismissed_line_leaves_the_board(desk: Desk) -> None:
    mug = wanted(desk)["MUG"]
    for _ in range(2):
        answer = desk.post(f"{BOARD}/decide", {"act": f"dismiss:{mug.id}", "supplier": "", "command_id": "dismiss-1"})
        assert answer.status == 303
    assert set(lines(desk)) == {"BOWL"}


def test_every_number_of_a_learned_line_is_explained_and_leads_to_its_rows(desk: Desk) -> None:
    for _ in range(9):
        desk.shop.clock.sleep(DAY)
        make.order(desk.shop, {"MUG": 2}, paid=True)
        desk.shop.clock.sleep(6 * DAY)
    with desk.shop.db.begin(actor="system") as tx:  # the ones of nine weeks ago have ended
        desk.sessions |= {role: sessions.start(tx, desk.ids[role]) for role in ("owner", "accountant")}
    assert desk.post(f"{BOARD}/again", {"command_id": "look-at-all"}).status == 303
    mug = lines(desk)["MUG"]
    page = desk.get(f"{BOARD}/{mug.id}", "accountant").text
    home = f"/console/stock/{mug.variant_id}"
    for words in ("About 2.0 a week", "<svg", "The weeks as a table", f"{home}#where", f"{home}#reserved",
                  "To decide", "7 days to the next look"):  # fmt: skip
        assert words in page, words
    assert f'name="qty-{mug.id}"' not in desk.get(BOARD, "accountant").text
    assert f'name="qty-{mug.id}"' in desk.get(BOARD).text
    assert "Too little is known" in desk.get(f"{BOARD}/proof?variant={mug.variant_id}").text


@pytest.mark.parametrize("query", ["cover=0", "cover=x", "wanted=100", "kind=luck", "cover=99999999999999"])
def test_a_proof_that_cannot_be_played_is_refused_at_its_field(desk: Desk, query: str) -> None:
    assert desk.get(f"{BOARD}/proof?{query}").status == 422
    assert desk.get(f"{BOARD}/proof?variant=x").status == 404


def test_a_rule_is_saved_refused_and_taken_back(desk: Desk) -> None:
    with desk.shop.db.read() as tx:
        key = (desk.shop.variants["MUG"], stock.warehouses(tx)[0].id)
    url = f"{BOARD}/rules/{key[0]}/{key[1]}"
    good = {"method": "forecast", "target_bp": "97.5", "target_kind": "no_stock_out", "review_days": 14,
            "lead_days": "", "min_units": 2, "max_units": "", "moq": 12, "multiple": 6,
            "max_cover_days": 90}  # fmt: skip
    for wrong in ({"target_bp": "100"}, {"target_bp": "9,55"}, {"lead_days": "-5"}, {"moq": 7}, {"max_units": 1},
                  {"review_days": ""}, {"method": "magic"}, {"max_cover_days": "1e9"}):  # fmt: skip
        answer = desk.post(url, good | wrong)
        assert answer.status == 422, wrong
        assert f'href="#{next(iter(wrong))}"' in answer.text
    assert desk.post(url, good).status == 303
    with desk.shop.db.read() as tx:
        found = policies.of_key(tx, key)
    assert found is not None
    assert (found.target_bp, found.lead_days, found.moq) == (9750, None, 12)
    assert "rule of its own" in desk.get(url).text
    assert desk.post(url, {"act": "drop"}).status == 303
    with desk.shop.db.read() as tx:
        assert policies.of_key(tx, key) is None
    assert desk.post(f"{BOARD}/rules/class/b", good).status == 303
    assert desk.get(f"{BOARD}/rules/class/d").status == 404
    assert desk.post(f"{BOARD}/rules", {"lead_days": 10, "limit": "250,00"}).status == 303
    assert "250.00" in desk.get(f"{BOARD}/rules").text
    assert desk.post(f"{BOARD}/rules", {"lead_days": 0, "limit": "much"}).status == 422
