"""The counting pages: blind until a count is taken, one bin at a time, and every odd input gets its sentence."""

import re

import pytest
from floor_desk import Desk
from sqlalchemy import select

import make
from storekeep.shop.inventory import queries
from storekeep.shop.inventory.tables import count_line, count_task
from storekeep.shop.reports import verify


def mug_bin(desk: Desk) -> tuple[str, str, str]:
    """(variant, place, code) of the mugs: 20 of them."""
    with desk.shop.db.read() as tx:
        row = queries.balances_of(tx, [desk.shop.variants["MUG"]])[0]
        return row.variant_id, row.location_id, row.location_code


def held(desk: Desk) -> int:
    with desk.shop.db.read() as tx:
        return queries.balances_of(tx, [desk.shop.variants["MUG"]])[0].qty


def asked(desk: Desk) -> tuple[str, str]:
    """The address of a task for the mugs' bin, as it is reached from the stock page, and the bin's code."""
    variant_id, place, code = mug_bin(desk)
    assert "Count this" in desk.get(f"/console/stock/{variant_id}", "warehouse").text
    answer = desk.post("/console/counts", {"location_id": place, "variant_id": variant_id}, "warehouse")
    assert answer.status == 303
    return answer.place, code


def typed(desk: Desk, url: str, code: str, counted: str, role: str = "warehouse", **more: str) -> object:
    screen = desk.get(f"{url}?at={code}&code=MUG", role)
    fields = {name: screen.hidden(name) for name in ("command_id", "line_id", "seen_seq", "at")}
    return desk.post(f"{url}/count", {**fields, "counted": counted, **more}, role)


def test_a_bin_is_scanned_then_an_item_then_a_number_is_typed(desk: Desk) -> None:
    url, code = asked(desk)
    first = desk.get(url, "warehouse").text
    assert "Go to the bin and scan it" in first
    assert "Go to" in desk.get(f"{url}?at=B-02-1", "warehouse").text
    here = desk.get(f"{url}?at={code.lower()}", "warehouse").text
    assert "Scan an item" in here
    assert "Nothing has the code" in desk.get(f"{url}?at={code}&code=nonsense", "warehouse").text
    screen = desk.get(f"{url}?at={code}&code=mug", "warehouse").text
    assert "How many are there?" in screen
    for page in (first, here, screen):
        visible = re.sub(r"<(script|style|svg)[^>]*>.*?</\1>|<[^>]+>", " ", page.split("<main")[1], flags=re.S)
        assert not re.search(r"\b20\b", visible), "what the books say is hidden until the count is taken"
    answer = typed(desk, url, code, "19")
    assert answer.status == 303
    assert held(desk) == 19
    assert "This count is done" in desk.get(answer.place, "warehouse").text


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ("", "type how many"), ("-1", "whole number"), ("+3", "whole number"), ("1.5", "whole number"),
        ("1,000", "whole number"), ("1e3", "whole number"), ("4006381333931", "barcode"), ("12345678", "barcode"),
        ("MUG", "whole number"), ("999999999999999999", "whole number"),
    ],
)  # fmt: skip
def test_what_is_no_number_of_units_is_refused_with_the_accepted_form(desk: Desk, odd: str, said: str) -> None:
    url, code = asked(desk)
    answer = typed(desk, url, code, odd)
    assert answer.status == 422
    assert said in answer.text.lower()
    assert held(desk) == 20


def test_far_too_many_is_asked_for_once_more_and_the_yes_must_be_for_that_number(desk: Desk) -> None:
    url, code = asked(desk)
    doubt = typed(desk, url, code, "201")
    assert doubt.status == 422
    assert "Yes, there are 201" in doubt.text
    assert typed(desk, url, code, "301", sure="201").status == 422
    assert typed(desk, url, code, "201", sure="201").status == 303
    assert held(desk) == 20, "so large a difference is counted again by somebody else"


def test_a_second_person_counts_again_and_the_owner_decides(desk: Desk) -> None:
    url, code = asked(desk)
    assert typed(desk, url, code, "4").status == 303
    mine = desk.get(url, "warehouse").text
    assert "Your part is done" in mine
    assert "16" not in re.sub(r"<[^>]+>", " ", mine.split("<main")[1]), "the difference is not told before it is booked"
    assert "MUG" not in desk.get("/console/counts/review", "warehouse").text, "a second person must not see the first"
    # The owner is the second person here, and the only one who may decide.
    assert typed(desk, url, code, "6", "owner").status == 303
    board = desk.get("/console/counts/review", "owner")
    line = re.search(r'name="line" value="([^"]+)"', board.text)
    assert line
    fields = {"line": line[1], "act": "approve", "reason": "", "command_id": board.hidden("command_id")}
    assert desk.post("/console/counts/review", fields).status == 422
    fields["reason"] = "seen it"
    assert desk.post("/console/counts/review", fields, "warehouse").status == 403
    assert desk.post("/console/counts/review", fields).status == 303
    assert desk.post("/console/counts/review", fields).status == 303, "sent twice, done once"
    assert held(desk) == 6
    lines = desk.get("/console/counts/lines?lately=1&only=differs").text
    assert "MUG" in lines
    assert "\N{MINUS SIGN}14" in lines
    assert "Found wrong, by bin" in desk.get("/console/counts").text


def test_something_else_that_lies_there_gets_a_line_of_its_own(desk: Desk) -> None:
    url, code = asked(desk)
    assert "Does it really lie there?" in desk.get(f"{url}?at={code}&code=TEA", "warehouse").text
    answer = desk.post(f"{url}/found", {"variant_id": desk.shop.variants["TEA"]}, "warehouse")
    assert "How many are there?" in desk.get(answer.place, "warehouse").text
    again = desk.post(f"{url}/found", {"variant_id": desk.shop.variants["TEA"]}, "warehouse")
    assert again.place == answer.place


def test_a_bin_of_a_code_can_be_asked_for_and_called_off(desk: Desk) -> None:
    _, _, code = mug_bin(desk)
    task = desk.post("/console/counts", {"code": code.lower()}, "warehouse").place
    assert desk.post("/console/counts", {"code": "nowhere"}, "warehouse").status == 404
    assert desk.post("/console/counts", {"code": "H-10-3"}, "warehouse").status == 409
    assert desk.post(f"{task}/call-off", {"reason": ""}).status == 422
    assert desk.post(f"{task}/call-off", {"reason": "no time"}).status == 303
    assert "Called off" in desk.get(task).text
    assert desk.post("/console/counts/next", {}, "warehouse").place == "/console/counts"


def test_the_rules_are_kept_and_contradictions_are_refused(desk: Desk) -> None:
    fields = {"recount_units": "5", "recount_minor": "50", "approve_units": "4", "approve_minor": "100", "a_days": "30",
              "b_days": "90", "c_days": "180", "daily_bins": "0"}  # fmt: skip
    assert desk.post("/console/counts/rules", fields).status == 422
    assert desk.post("/console/counts/rules", {**fields, "approve_units": "1e3"}).status == 422
    assert desk.post("/console/counts/rules", {**fields, "approve_units": "8"}).status == 303
    assert 'value="50.00"' in desk.get("/console/counts/rules").text


def test_the_last_unit_of_a_bin_is_asked_after_and_a_no_has_it_counted(desk: Desk) -> None:
    make.order(desk.shop, {"MUG": 20}, paid=True)
    screen = desk.post("/console/pick/claim", {}, "warehouse").place
    answer = desk.post(f"{screen}/scan", {"code": "MUG", "qty": "20", "scan_id": "scan-all-mugs"}, "warehouse")
    page = desk.get(answer.place, "warehouse")
    assert "Is none left?" in page.text
    fields = {name: page.hidden(name) for name in ("command_id", "variant_id", "location_id")}
    assert desk.post(f"{screen}/empty", {**fields, "is_empty": "no"}, "warehouse").status == 303
    with desk.shop.db.read() as tx:
        row = tx.first(select(count_task.c.kind, count_task.c.status))
        assert tuple(row) == ("zero_check", "open")
        assert tx.scalar(select(count_line.c.status)) == "open"
        assert verify.run(tx).status == "ok"


def test_a_full_count_asks_for_every_bin_once(desk: Desk) -> None:
    asked(desk)
    assert desk.post("/console/counts/all", {"all_reason": ""}).status == 422
    assert desk.post("/console/counts/all", {"all_reason": "the year ends"}, "warehouse").status == 403
    for _ in range(2):
        assert desk.post("/console/counts/all", {"all_reason": "the year ends"}).status == 303
    with desk.shop.db.read() as tx:
        kinds = sorted(row.kind for row in tx.rows(select(count_task.c.kind)))
    assert kinds == ["cycle", "full", "full"], "the mugs' bin is asked for already"
