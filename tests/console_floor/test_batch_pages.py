"""Batches through the pages: proposed, released, walked scan by scan with and without script, run short, ended."""

import re

from floor_desk import Desk

import make

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
        answer = desk.scan(f"{page}/scan", f"T{tote['big']}", f"tote-scan-{n}")
        assert f"in tote {tote['big']}" in answer.text
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
