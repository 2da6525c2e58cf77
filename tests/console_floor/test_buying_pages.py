"""Buying through its pages: a supplier, its terms, an order, a delivery counted blind, an invoice."""

import re

import pytest
from floor_desk import Desk

from storekeep.shop.purchasing.tables import purchase_order, receipt, receipt_line, supplier, supplier_invoice
from storekeep.shop.reports import verify

PAGES = (
    "/console/suppliers",
    "/console/suppliers?status=archived&q=x",
    "/console/purchases",
    "/console/purchases?status=all",
    "/console/deliveries",
    "/console/deliveries?status=posted",
    "/console/bills",
    "/console/bills?status=matched",
)


@pytest.mark.parametrize("url", [*PAGES, "/console/suppliers/new", "/console/purchases/new?from=reorder"])
def test_every_page_opens_on_the_first_day(bare: Desk, url: str) -> None:
    assert bare.get(url).status == 200
    assert bare.get(url, "agent").status == 403


def command(desk: Desk) -> str:
    return desk.shop.db.ids.new()


def ids(desk: Desk, table: object) -> list[str]:
    with desk.shop.db.read() as tx:
        return [row.id for row in tx.rows(table.select().order_by(table.c.id))]  # type: ignore[attr-defined]


def supplied(desk: Desk) -> str:
    facts = {
        "code": "pots",
        "name": "Pot Works",
        "email": "orders@pots.example",
        "currency": "EUR",
        "minimum_order": "0",
    }
    made = desk.post("/console/suppliers/new", facts)
    assert made.status == 303, made.text
    for sku, price in (("MUG", "4.505"), ("BOWL", "8.00")):
        terms = {"sku": sku.lower(), "moq": "6", "pack_multiple": "6", "lead_days": "10", "price_1": price,
                 "from_2": "60", "price_2": "4.00", "is_preferred": "1"}  # fmt: skip
        assert desk.post(f"{made.place}/terms", terms).status == 303
    return made.place


def ordered(desk: Desk) -> str:
    url = desk.post(
        "/console/purchases/new", {"supplier": "", "lines": "mug 13\nBOWL;6", "note": "", "command_id": command(desk)}
    ).place
    for act in ("approve", "send"):
        assert desk.post(f"{url}/{act}", {"command_id": command(desk)}).status == 303
    return url


def begun(desk: Desk) -> str:
    done = desk.post("/console/deliveries/open", {"code": "po-1001", "command_id": command(desk)}, "warehouse")
    assert done.status == 303, done.text
    return done.place


def test_a_whole_purchase_through_the_pages(desk: Desk) -> None:
    maker = supplied(desk)
    assert "Pot Works" in desk.get("/console/suppliers?q=pot").text
    assert "4.505" in desk.get(f"{maker}?sku=MUG").text
    order = ordered(desk)
    shown = desk.get(order).text
    assert "rounded up to 18, 3 packs of 6" in shown
    assert "Sent" in shown
    assert desk.post(f"{order}/confirm", {"confirm_on": "2026-12-24", "command_id": command(desk)}).status == 303
    door = begun(desk)
    scan = {"code": "MUG", "qty": "16", "condition": "good", "command_id": command(desk)}
    assert desk.post(f"{door}/scan", scan, "warehouse").status == 303
    assert desk.post(f"{door}/scan", scan, "warehouse").status == 303
    blind = desk.get(door, "warehouse").text
    assert 'value="16"' in blind
    assert "18" not in re.sub(r"<[^>]*>|command_id", "", blind.split("<main")[1])
    more = {"code": "MUG", "qty": "2", "condition": "damaged", "command_id": command(desk)}
    assert desk.post(f"{door}/scan", more, "warehouse").status == 303
    wrong = desk.post(f"{door}/scan", {"code": "nothing", "command_id": command(desk)}, "warehouse")
    assert (wrong.status, "Nothing here bears nothing" in wrong.text) == (422, True)
    assert desk.post(f"{door}/finish", {"command_id": command(desk)}, "warehouse").status == 303
    compared = desk.get(door, "warehouse").text
    assert "Did not come" in compared
    assert desk.post(f"{door}/post", {"command_id": command(desk)}, "warehouse").status == 422
    line = next(each for each in ids(desk, receipt_line) if f"accept-{each}" in compared)
    empty = desk.post(
        f"{door}/decide", {"line_id": line, "refuse-" + line: "2", "command_id": command(desk)}, "warehouse"
    )
    assert (empty.status, "Say why" in empty.text) == (422, True)
    choice = {"line_id": line, f"return-{line}": "2", f"reason-{line}": "cracked", "command_id": command(desk)}
    assert desk.post(f"{door}/decide", choice, "warehouse").status == 303
    assert desk.post(f"{door}/post", {"command_id": command(desk)}, "warehouse").status == 303
    back = {"line_id": line, f"back-{line}": "2", f"why-{line}": "cracked", "command_id": command(desk)}
    assert desk.post(f"{door}/back", back, "warehouse").status == 303
    assert "cracked" in desk.get(door, "warehouse").text
    bill = charged(desk, order)
    assert "They agree" in desk.get(bill, "accountant").text
    assert desk.post(f"{bill}/match", {"command_id": command(desk)}, "accountant").status == 303
    done = {"close_reason": "no bowls", "command_id": command(desk)}
    assert desk.post(f"{order}/close", done).status == 303
    for url in (*PAGES, maker, order, door, bill):
        assert desk.get(url).status == 200, url
    assert "18 of 18" in desk.get("/console/purchases?status=all").text
    with desk.shop.db.read() as tx:
        assert verify.run(tx).status == "ok"


def charged(desk: Desk, order: str) -> str:
    form = desk.get(f"/console/bills/new?order={order.rsplit('/', 1)[1]}", "accountant")
    fields = dict(re.findall(r'name="((?:qty|price)-[^"]*)"[^>]*value="([^"]*)"', form.text))
    assert sorted(value for name, value in fields.items() if name.startswith("qty")) == ["", "16"]
    given = {"order": order.rsplit("/", 1)[1], "number": "R 77", "day": "2026-12-01", "command_id": command(desk)}
    done = desk.post("/console/bills/new", given | fields, "accountant")
    assert done.status == 303, done.text
    return done.place


def test_an_order_is_changed_and_canceled_on_its_page(desk: Desk) -> None:
    supplied(desk)
    order = ordered(desk)
    change = {
        "amend_sku": "MUG",
        "amend_qty": "60",
        "amend_price": "",
        "amend_reason": "more",
        "command_id": command(desk),
    }
    assert desk.post(f"{order}/amend", change).status == 303
    assert "2 versions" in desk.get(order).text.replace("\N{NO-BREAK SPACE}", " ")
    missing = desk.post(f"{order}/cancel", {"cancel_reason": "", "command_id": command(desk)})
    assert (missing.status, "Why is missing" in missing.text) == (422, True)
    assert desk.post(f"{order}/cancel", {"cancel_reason": "too dear", "command_id": command(desk)}).status == 303
    assert desk.post(f"{order}/send", {"command_id": command(desk)}).status == 422
    again = desk.post("/console/deliveries/open", {"code": "1001", "command_id": command(desk)}, "warehouse")
    assert (again.status, "PO-1001 is canceled" in again.text) == (422, True)


def test_a_delivery_without_an_order_is_counted_and_void(desk: Desk) -> None:
    door = desk.post("/console/deliveries/open", {"code": "", "command_id": command(desk)}, "warehouse").place
    unknown = {"scanned": "a blue jug", "unknown_qty": "1", "command_id": command(desk)}
    assert desk.post(f"{door}/unknown", unknown, "warehouse").status == 303
    assert "a blue jug" in desk.get(door, "warehouse").text
    assert desk.post(f"{door}/void", {"void_reason": "", "command_id": command(desk)}, "warehouse").status == 422
    assert (
        desk.post(f"{door}/void", {"void_reason": "not ours", "command_id": command(desk)}, "warehouse").status == 303
    )
    assert "Thrown away: not ours" in desk.get(door, "warehouse").text


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("MUG", "Row 1: write a SKU"),
        ("MUG 1\nNOPE 4", "Row 2: there is no SKU NOPE"),
        ("MUG 1e3", "Row 1"),
        ("MUG 0", "from 1 to"),
        ("MUG -4", "Row 1"),
        ("MUG 40063813339", "Row 1"),
        ("TEA 5", "Nobody sells these"),
    ],
)
def test_a_list_that_cannot_be_says_which_row(desk: Desk, lines: str, says: str) -> None:
    supplied(desk)
    given = {"supplier": "", "lines": lines, "command_id": command(desk)}
    answer = desk.post("/console/purchases/new", given)
    assert (answer.status, says in answer.text) == (422, True), answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [("currency", "USD"), ("email", "x"), ("code", "a b"), ("minimum_order", "1.000"), ("name", "")],
)
def test_a_supplier_that_cannot_be_is_told_at_its_field(desk: Desk, field: str, value: str) -> None:
    facts = {"code": "POTS", "name": "Pots", "email": "o@pots.example", "currency": "EUR", "minimum_order": "0"}
    answer = desk.post("/console/suppliers/new", facts | {field: value})
    assert answer.status == 422
    assert f'href="#{field}"' in answer.text


def test_what_does_not_exist_is_not_found(desk: Desk) -> None:
    stranger = "0192f000-0000-7000-8000-00000000f001"
    for url in ("suppliers/x", f"suppliers/{stranger}", "purchases/9", "purchases/x", f"deliveries/{stranger}",
                f"bills/{stranger}", "bills/new?order=9", "bills/new"):  # fmt: skip
        assert desk.get(f"/console/{url}").status == 404, url
    assert not any(ids(desk, table) for table in (supplier, purchase_order, receipt, supplier_invoice))
