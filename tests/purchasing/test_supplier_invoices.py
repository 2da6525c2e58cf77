"""Invoices against order and goods: what came is owed, what did not is refused, and differences are variance."""

import pytest
from buying import Buying

from storekeep.flows import send_back, supplier_invoices
from storekeep.kernel.errors import Conflict, Invalid, Refused
from storekeep.shop.purchasing.model import InvoiceLine


def test_an_invoice_as_ordered_clears_what_came_and_closes_the_order(buying: Buying) -> None:
    before = buying.balance("2050")
    order_id = buying.sent({"BOWL": 7, "MUG": 12})
    buying.received(order_id, {"BOWL": 7, "MUG": 12})
    assert buying.matched(buying.charged(order_id, {"BOWL": 7, "MUG": 12})) == 0
    assert (buying.balance("2050"), buying.balance("2000"), buying.balance("5110")) == (before, -(5601 + 6000), 0)
    assert buying.order(order_id).status == "closed"
    assert buying.faults() == []


def test_partial_invoices_clear_to_the_last_minor_unit(buying: Buying) -> None:
    before = buying.balance("2050")
    order_id = buying.sent({"BOWL": 7})
    buying.received(order_id, {"BOWL": 3})
    buying.received(order_id, {"BOWL": 4})
    for n in range(7):
        buying.matched(buying.charged(order_id, {"BOWL": 1}, n=f"R-{n}"))
    assert buying.balance("2050") == before
    assert buying.balance("2000") == -7 * 800
    assert buying.balance("5110") == 7 * 800 - (2400 + 3200)
    assert buying.order(order_id).status == "closed"
    assert buying.faults() == []


def test_another_price_is_taken_with_a_reason_and_becomes_variance(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12})
    buying.received(order_id, {"MUG": 12})
    invoice_id = buying.charged(order_id, {"MUG": 12}, {"MUG": 5_100_000})
    with pytest.raises(Refused, match=r"1\.20 EUR more"):
        buying.matched(invoice_id)
    assert buying.matched(invoice_id, "clay is dearer") == 120
    assert (buying.balance("5110"), buying.balance("2000")) == (120, -6120)
    assert buying.faults() == []


def test_units_that_did_not_come_are_never_owed(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12})
    buying.received(order_id, {"MUG": 10})
    invoice_id = buying.charged(order_id, {"MUG": 12})
    with pytest.raises(Refused, match="12 are charged, 10 came"):
        buying.matched(invoice_id, "let it be")
    with buying.act() as tx:
        supplier_invoices.void(tx, invoice_id, "charges two that did not come", "v")
    assert buying.matched(buying.charged(order_id, {"MUG": 10})) == 0
    with pytest.raises(Refused, match="0 came and were not charged before"):
        buying.matched(buying.charged(order_id, {"MUG": 1}, n="R-2"))
    assert buying.faults() == []


def test_an_invoice_comes_once(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12})
    buying.received(order_id, {"MUG": 12})
    invoice_id = buying.charged(order_id, {"MUG": 6})
    with pytest.raises(Conflict, match="never paid twice"):
        buying.charged(order_id, {"MUG": 6})
    with buying.act() as tx:
        assert supplier_invoices.match_invoice(tx, invoice_id, "m") == 0
        assert supplier_invoices.match_invoice(tx, invoice_id, "m") == 0
        with pytest.raises(Conflict, match="matched already"):
            supplier_invoices.match_invoice(tx, invoice_id, "another")
    assert buying.balance("2000") == -3000


def test_what_was_sent_back_before_it_was_charged_is_not_charged(buying: Buying) -> None:
    before = buying.balance("2050")
    order_id = buying.sent({"MUG": 12})
    receipt_id = buying.counted(order_id, {"MUG": 10}, {"MUG": 2})
    buying.decide(receipt_id, "damaged", {"return": 2})
    buying.posted(receipt_id)
    back = next(line for line in buying.receipt_lines(receipt_id) if line.disposition == "return")
    with buying.act() as tx:
        send_back.send_back(tx, back.id, 2, "broken", "b")
    with pytest.raises(Refused, match="10 came"):
        buying.matched(buying.charged(order_id, {"MUG": 12}))
    buying.matched(buying.charged(order_id, {"MUG": 10}, n="R-2"))
    assert (buying.balance("2050"), buying.balance("2000"), buying.order(order_id).status) == (before, -5000, "closed")
    assert buying.faults() == []


def test_what_was_charged_and_goes_back_is_owed_by_the_supplier(buying: Buying) -> None:
    order_id = buying.sent({"BOWL": 3})
    receipt_id = buying.received(order_id, {"BOWL": 3})
    buying.matched(buying.charged(order_id, {"BOWL": 3}))
    [line] = buying.receipt_lines(receipt_id)
    with buying.act() as tx:
        from storekeep.shop.inventory import locations

        room = locations.places(tx, buying.home)["receiving"].id
        send_back.send_back(tx, line.id, 3, "glaze faults", "b", from_location_id=room)
    assert buying.balance("2000") == 0
    assert buying.faults() == []


def test_an_invoice_that_cannot_be_is_refused(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12})
    line = buying.line(order_id, "MUG")
    good = InvoiceLine(line.id, 1, 1)
    with buying.act() as tx:
        for number, day, lines, error in (
            ("", "2026-11-30", [good], Invalid),
            ("R", "31/02", [good], Invalid),
            ("R", "2026-11-30", [], Refused),
            ("R", "2026-11-30", [good, good], Refused),
            ("R", "2026-11-30", [InvoiceLine(line.id, 0, 1)], Refused),
        ):
            with pytest.raises(error):
                supplier_invoices.record(tx, order_id, number, day, lines, f"{number}{day}{len(lines)}")
