"""Batches through the pages: proposed, released, walked scan by scan with and without script, run short, ended."""

import re

from floor_desk import Desk
from sqlalchemy import update

import make
from storekeep.flows import receive
from storekeep.shop.catalog import variants
from storekeep.shop.catalog.model import VariantChange
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.inventory.tables import reservation, stock_balance

URL = "/console/batches"


def wishes(desk: Desk) -> list[str]:
    return re.findall(r'name="wish" value="([^"]+)"', desk.get(URL).text)


def released(desk: Desk, *orders: dict[str, int]) -> str:
    """A batch of these orders on the floor; the address of its page."""
    for wanted in orders:
        make.order(desk.shop, wanted, paid=True)
    found = wishes(desk)
    assert len(found) == 1, found
    return desk.post(f"{URL}/plan", {"wish": found, "act": "release"}, "warehouse").place


def step(desk: Desk, walk: str) -> dict[str, str]:
    """What the screen asks for: the number or code in big, units, SKU."""
    text = desk.get(walk, "warehouse").text
    big, count = re.findall(r'<p class="huge[^"]*">([^<]+)</p>', text)[:2]
    sku = re.search(r'<code class="code">([^<]+)</code>', text)
    assert sku is not None
    return {"big": big.strip(), "qty": count.replace("×", "").strip(), "sku": sku[1]}


def test_orders_are_proposed_released_and_walked_to_the_pack_station(desk: Desk) -> None:
    page = released(desk, {"MUG": 2, "TEA": 1}, {"TEA": 3})
    text = desk.get(page).text
    assert "Cart" in text
    assert "Order by order" in text
    assert desk.post(f"{URL}/start", {"batch_id": page.split("/")[-1]}, "warehouse").place == f"{page}/walk"
    for n in range(20):
        if "The walk is done" in desk.get(f"{page}/walk", "warehouse").text:
            break
        now = step(desk, f"{page}/walk")
        assert "Right" not in desk.scan(f"{page}/scan", now["big"], f"bin-scan-{n}").text
        assert "in hand" in desk.scan(f"{page}/scan", now["sku"], f"item-scan-{n}").text
        tote = step(desk, f"{page}/walk")
        answer = desk.scan(f"{page}/scan", tote["big"], f"tote-scan-{n}")
        assert f"in tote {tote['big'].removeprefix('T1-')}." in answer.text
    assert "The walk is done" in desk.get(f"{page}/walk", "warehouse").text
    assert "Done" in desk.get(page).text
    assert desk.get("/console/pack").text.count("T1-") == 2


def test_a_walk_works_without_script_and_a_wrong_scan_is_loud(desk: Desk) -> None:
    page = released(desk, {"MUG": 1}, {"MUG": 1})
    desk.post(f"{URL}/start", {}, "warehouse")
    answer = desk.post(f"{page}/scan", {"code": "MUG", "scan_id": "first-scan"}, "warehouse")
    assert answer.place == f"{page}/walk?scan=first-scan"
    assert "Scan the bin first" in desk.get(answer.place, "warehouse").text
    now = step(desk, f"{page}/walk")
    desk.post(f"{page}/scan", {"code": now["big"], "scan_id": "second-scan"}, "warehouse")
    desk.post(f"{page}/scan", {"code": "MUG", "qty": "2", "scan_id": "third-scan"}, "warehouse")
    assert "The walk is done" in desk.get(f"{page}/walk?scan=third-scan", "warehouse").text
    odd = desk.post(f"{page}/scan", {"code": "MUG", "scan_id": "x"}, "warehouse")
    assert odd.status == 400


def test_a_short_bin_is_told_from_the_screen_and_odd_counts_are_refused(desk: Desk) -> None:
    page = released(desk, {"BOWL": 4}, {"BOWL": 4})
    desk.post(f"{URL}/start", {}, "warehouse")
    walk = desk.get(f"{page}/walk", "warehouse")
    fields = {"location_id": walk.hidden("location_id"), "variant_id": walk.hidden("variant_id"),
              "command_id": "short-command-1", "reason": "damaged"}  # fmt: skip
    for odd in ("8", "-1", "1.5", "4006381333931", ""):
        refused = desk.post(f"{page}/short", {**fields, "found_qty": odd}, "warehouse")
        assert refused.status == 422, odd
    told = desk.post(f"{page}/short", {**fields, "found_qty": "5"}, "warehouse")
    assert told.place == f"{page}/walk"
    assert desk.post(f"{page}/short", {**fields, "found_qty": "5"}, "warehouse").place == f"{page}/walk"
    assert desk.post(f"{page}/undo", {"scan_id": "undo-scan-1"}, "warehouse").status == 409


def test_a_planned_batch_is_released_joined_and_ended(desk: Desk) -> None:
    for wanted in ({"MUG": 1, "TEA": 1}, {"TEA": 2}):
        make.order(desk.shop, wanted, paid=True)
    page = desk.post(f"{URL}/plan", {"wish": wishes(desk), "act": "plan"}, "warehouse").place
    assert "Planned" in desk.get(page).text
    assert desk.post(f"{page}/end", {}, "warehouse").status == 409
    assert desk.post(f"{page}/release", {}, "warehouse").place == page
    late = make.order(desk.shop, {"BOWL": 1}, paid=True)
    assert desk.post(f"{page}/join", {"order": "abc"}, "warehouse").status == 422
    assert desk.post(f"{page}/join", {"order": "999999"}, "warehouse").status == 422
    assert desk.post(f"{page}/join", {"order": str(late.number)}, "warehouse").place == page
    assert "T1-3" in desk.get(page).text
    desk.post(f"{URL}/start", {}, "warehouse")
    assert desk.post(f"{page}/cancel", {}, "warehouse").status == 409
    assert desk.post(f"{page}/end", {}, "warehouse").place == page
    assert desk.get(page).text.count("Back on the list") == 3


def test_odd_forms_do_no_harm(desk: Desk) -> None:
    make.order(desk.shop, {"MUG": 1}, paid=True)
    assert desk.post(f"{URL}/plan", {}, "warehouse").status == 422
    assert desk.post(f"{URL}/plan", {"wish": "odd,odd"}, "warehouse").status == 400
    gone = "single,00000000-0000-4000-8000-000000000000"
    assert desk.post(f"{URL}/plan", {"wish": gone, "act": "release"}, "warehouse").status == 404
    for query in ("?promised=yesterday", "?totes=-3", "?totes=99999999999", "?after=x", "?promised=2000-01-01",
                  "?warehouse=x", "?promised=2099-01-01&totes=1"):  # fmt: skip
        assert desk.get(URL + query).status == 200, query


def test_goods_with_lots_are_taken_by_their_lot(desk: Desk) -> None:
    make.stock(desk.shop, {"PILL": (900, 300, 0)})
    pill = desk.shop.variants["PILL"]
    with desk.shop.db.begin(actor="owner") as tx:
        variants.update(tx, [VariantChange(pill, tracking="lot")])
        at = locations.by_code(tx, "A-05-1").id
        lines = [ReceiveLine(pill, 3, 300, at, code, day) for code, day in (("L1", "2027-03-31"), ("L2", "2027-08-31"))]
        receive.receive(tx, lines, warehouses(tx)[0].id, "pills", "delivery")
    page = released(desk, {"PILL": 2}, {"PILL": 4})
    desk.post(f"{URL}/start", {}, "warehouse")
    assert "Take lot L1, expires 2027-03-31" in desk.get(f"{page}/walk", "warehouse").text
    desk.scan(f"{page}/scan", "A-05-1", "bin-scan-1")
    assert "now scan its lot, lot L1" in desk.scan(f"{page}/scan", "PILL", "item-scan-1").text
    for n, (lot, qty, tote) in enumerate((("L1", 2, 1), ("L1", 1, 2), ("L2", 3, 2))):
        said = desk.get(f"{page}/walk", "warehouse").text
        assert f"Take lot {lot}" in said
        for k in range(qty):
            assert "in hand" in desk.scan(f"{page}/scan", lot, f"lot-scan-{n}-{k}").text
        answer = desk.scan(f"{page}/scan", f"T{tote}", f"tote-scan-{n}").text
        assert f"in tote {tote}" in answer
        assert "Is none left?" not in answer


def test_a_bin_that_the_walk_empties_is_asked_about_and_counted_after_a_no(desk: Desk) -> None:
    page = released(desk, {"BOWL": 4}, {"BOWL": 6})
    desk.post(f"{URL}/start", {}, "warehouse")
    place = step(desk, f"{page}/walk")["big"]
    desk.scan(f"{page}/scan", place, "bin-scan-1")
    desk.post(f"{page}/scan", {"code": "BOWL", "qty": "10", "scan_id": "item-scan-1"}, "warehouse")
    assert "Is none left?" not in desk.scan(f"{page}/scan", "T1", "tote-scan-1").text
    answer = desk.scan(f"{page}/scan", "T2", "tote-scan-2")
    assert "Is none left?" in answer.text
    fields = {"variant_id": answer.hidden("variant_id"), "location_id": answer.hidden("location_id"),
              "is_empty": "no", "command_id": "empty-no-1"}  # fmt: skip
    assert desk.post(f"{page}/empty", {**fields, "location_id": "x"}, "warehouse").status == 400
    assert desk.post(f"{page}/empty", fields, "warehouse").place == f"{page}/walk"
    assert place in desk.get("/console/counts").text


def test_units_for_which_no_bin_is_known_are_named_and_can_be_asked_for_again(desk: Desk) -> None:
    page = released(desk, {"MUG": 2}, {"MUG": 3})
    desk.post(f"{URL}/start", {}, "warehouse")
    with desk.shop.db.begin(actor="test") as tx:  # as a lot in its last days leaves them until the chore has run
        tx.run(update(reservation).where(reservation.c.status == "assigned").values(status="firm", location_id=None))
        tx.run(update(stock_balance).where(stock_balance.c.assigned > 0).values(assigned=0))
    text = desk.get(f"{page}/walk", "warehouse").text
    assert re.search(r"No bin is known for what is left of orders #\d+, #\d+\.", text)
    assert desk.post(f"{URL}/start", {"batch_id": page.split("/")[-1]}, "warehouse").place == f"{page}/walk"
    assert "Go to bin" in desk.get(f"{page}/walk", "warehouse").text
