"""Purchase orders: sized with reasons, approved by the right person, sent by mail, confirmed, changed, ended."""

import pytest
from buying import POTTERY, Buying
from sqlalchemy import select

from storekeep.flows import purchase
from storekeep.kernel import settings
from storekeep.kernel.clock import DAY
from storekeep.kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, Refused
from storekeep.kernel.jsontext import load
from storekeep.shop.notify.tables import mail
from storekeep.shop.purchasing import queries, suppliers
from storekeep.shop.purchasing.model import (
    APPROVAL_LIMIT,
    Amendment,
    Confirmation,
    PriceBreak,
    SupplierDraft,
    Terms,
    TermsDraft,
    Want,
    line_value,
    price_text,
    sized,
)
from storekeep.shop.purchasing.tables import purchase_order_version


def terms(*breaks: tuple[int, int], moq: int = 1, pack: int = 1) -> Terms:
    return Terms("t", "s", "v", "", moq, pack, 7, True, tuple(PriceBreak(*each) for each in breaks))


def test_a_quantity_is_raised_to_the_smallest_order_and_to_whole_packs_and_says_so() -> None:
    line = sized(Want("v", 5), terms((1, 5_000_000), moq=12, pack=6), "EUR")
    assert (line.qty, line.value_minor) == (12, 6_000)
    line = sized(Want("v", 13), terms((1, 5_000_000), moq=12, pack=6), "EUR")
    assert (line.qty, line.reasons) == (
        18, ("13 asked for", "rounded up to 18, 3 packs of 6", "5.00 EUR each from 1 on"),
    )  # fmt: skip


def test_the_price_is_that_of_the_break_reached_and_a_cheaper_one_is_pointed_out() -> None:
    tiers = terms((1, 1_000_000), (100, 900_000), (1000, 500_000))
    assert sized(Want("v", 99), tiers, "EUR").unit_price_e4 == 1_000_000
    assert sized(Want("v", 100), tiers, "EUR").unit_price_e4 == 900_000
    assert "100 would cost 9.00 EUR less in all" in sized(Want("v", 99), tiers, "EUR").reasons
    assert not any("less in all" in each for each in sized(Want("v", 90), tiers, "EUR").reasons)


@pytest.mark.parametrize(("e4", "text"), [(5_000_000, "5.00"), (25_050, "0.02505"), (1, "0.000001"), (100, "0.0001")])
def test_a_price_shows_the_decimals_that_it_needs(e4: int, text: str) -> None:
    assert price_text(e4, "EUR") == text


def test_a_line_is_rounded_once() -> None:
    assert line_value(1000, 8_001_234) == 800_123
    assert line_value(1, 5_000) == 0
    assert line_value(3, 5_000) == 2


def test_an_order_is_written_sent_and_confirmed_with_days_and_a_mail(buying: Buying) -> None:
    order_id = buying.sent({"BOWL": 3, "MUG": 5})
    row, mug = buying.order(order_id), buying.line(order_id, "MUG")
    assert (row.number, row.status, row.version) == (1001, "sent", 1)
    assert (mug.ordered, mug.expected_on) == (12, "2026-12-03")
    assert row.expected_on == "2026-12-13"
    assert load(mug.reasons)[1] == "raised to 12, the smallest order"
    buying.shop.work()
    sent = buying.read(lambda tx: tx.rows(select(mail)))
    assert [(each.to_address, each.status) for each in sent] == [("orders@pottery.example", "sent")]
    assert "12 x P-MUG  Mug" in sent[0].body_text
    assert "3 x BOWL  Bowl\n    8.001234 EUR each, 24.00 EUR, expected by 2026-12-13" in sent[0].body_text
    with buying.act() as tx:
        purchase.confirm(tx, order_id, [Confirmation(mug.id, 6, "2026-12-20")], "c")
        purchase.confirm(tx, order_id, [Confirmation(mug.id, 6, "2026-12-20")], "c")
    assert buying.order(order_id).status == "confirmed"
    assert (buying.line(order_id, "MUG").confirmed_qty, buying.line(order_id, "BOWL").confirmed_qty) == (6, 3)
    with buying.act() as tx:
        purchase.confirm(tx, order_id, [Confirmation(mug.id, 12, "2027-01-10")], "later")
    assert buying.line(order_id, "MUG").confirmed_on == "2027-01-10"
    assert buying.faults() == []


def test_a_command_that_comes_twice_writes_one_order_and_one_that_changed_is_refused(buying: Buying) -> None:
    with buying.act() as tx:
        wants = [Want(buying.sku("MUG"), 5), Want(buying.sku("MUG"), 8)]
        first = purchase.create(tx, buying.supplier, buying.home, wants, "same")
        assert purchase.create(tx, buying.supplier, buying.home, wants, "same") == first
        with pytest.raises(Conflict):
            purchase.create(tx, buying.supplier, buying.home, wants[:1], "same")
    assert buying.line(first, "MUG").ordered == 18
    with buying.act() as tx:
        purchase.approve(tx, first, "a")
        purchase.approve(tx, first, "a")
        purchase.send(tx, first, "s")
        purchase.send(tx, first, "s")
        with pytest.raises(IllegalMove):
            purchase.send(tx, first, "another")
    assert len(buying.read(lambda tx: tx.rows(select(mail)))) == 1


def test_what_a_supplier_does_not_sell_is_refused_by_name_and_a_list_says_who_sells_it_not(buying: Buying) -> None:
    wants = [Want(buying.sku("MUG"), 5), Want(buying.sku("TEA"), 5)]
    with buying.act() as tx, pytest.raises(Refused, match="Pottery Works does not sell TEA"):
        purchase.create(tx, buying.supplier, buying.home, wants, "c")
    with buying.act() as tx:
        done = purchase.create_per_supplier(tx, buying.home, wants, "all")
        assert purchase.create_per_supplier(tx, buying.home, wants, "all") == done
    assert len(done.order_ids) == 1
    assert done.without_supplier == (buying.sku("TEA"),)


@pytest.mark.parametrize("qty", [0, -1, 12_345_678, True])
def test_a_quantity_that_cannot_be_is_refused(buying: Buying, qty: int) -> None:
    with buying.act() as tx, pytest.raises(Invalid):
        purchase.create(tx, buying.supplier, buying.home, [Want(buying.sku("MUG"), qty)], "c")


def test_above_the_limit_somebody_else_approves(buying: Buying) -> None:
    order_id = buying.draft({"MUG": 12})
    with buying.act() as tx:
        settings.write(tx, APPROVAL_LIMIT, 5_999)
        with pytest.raises(Forbidden, match=r"59\.99 EUR"):
            purchase.approve(tx, order_id, "a")
    with buying.act("staff:owner") as tx:
        purchase.approve(tx, order_id, "b")
    with buying.act() as tx, pytest.raises(Forbidden):
        purchase.amend(tx, order_id, [Amendment(buying.sku("MUG"), 24)], "more", "c")


def test_below_the_smallest_order_a_reason_is_asked_for(buying: Buying) -> None:
    with buying.act() as tx:
        suppliers.change(tx, buying.supplier, SupplierDraft("POTTERY", "Pottery Works", POTTERY.email, "EUR", 10_000))
    order_id = buying.draft({"MUG": 12})
    with buying.act() as tx:
        with pytest.raises(Refused, match=r"40\.00 EUR are missing"):
            purchase.approve(tx, order_id, "a")
        purchase.approve(tx, order_id, "b", reason="urgent")
    assert buying.order(order_id).status == "approved"


def test_an_amended_order_keeps_every_version_and_tells_the_supplier(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12, "BOWL": 2})
    changes = [Amendment(buying.sku("MUG"), 60), Amendment(buying.sku("BOWL"), 0)]
    with buying.act() as tx:
        assert purchase.amend(tx, order_id, changes, "Christmas", "a") == 2
        assert purchase.amend(tx, order_id, changes, "Christmas", "a") == 2
        purchase.amend(tx, order_id, [Amendment(buying.sku("MUG"), 60, 4_000_000)], "a better price", "b")
    lines = buying.lines(order_id)
    assert [(line.ordered, line.unit_price_e4) for line in lines] == [(60, 4_000_000)]
    v = purchase_order_version.c
    kept = buying.read(lambda tx: tx.rows(select(v.version, v.reason, v.content).order_by(v.version)))
    assert [(row.version, row.reason) for row in kept] == [(1, "written"), (2, "Christmas"), (3, "a better price")]
    assert [one["ordered"] for one in load(kept[0].content)] == [2, 12]
    m = mail.c
    subjects = [row.subject for row in buying.read(lambda tx: tx.rows(select(m.subject).order_by(m.id)))]
    assert subjects[1:] == [f"Changed order PO-1001, version {n} of Test shop" for n in (2, 3)]
    assert buying.faults() == []


def test_an_order_is_canceled_before_anything_came_and_not_after(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12})
    with buying.act() as tx:
        purchase.cancel(tx, order_id, "too dear", "c")
        purchase.cancel(tx, order_id, "too dear", "c")
    assert (buying.order(order_id).status, buying.line(order_id, "MUG").canceled) == ("canceled", 12)
    assert buying.read(lambda tx: queries.on_order(tx)) == {}
    other = buying.sent({"MUG": 12})
    buying.received(other, {"MUG": 5})
    with buying.act() as tx:
        with pytest.raises(IllegalMove):
            purchase.cancel(tx, other, "too late", "d")
        purchase.close_short(tx, other, "they have no more", "e")
    assert (buying.order(other).status, buying.line(other, "MUG").canceled) == ("closed", 7)
    assert buying.faults() == []


def test_only_the_shops_currency_can_be_bought_in(buying: Buying) -> None:
    with buying.act() as tx, pytest.raises(Invalid, match="only EUR"):
        suppliers.add(tx, SupplierDraft("DOLLAR", "Dollar Ltd", "x@dollar.example", "USD"))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"moq": 10, "pack_multiple": 6}, "no whole number of packs"),
        ({"lead_days": -292}, "lead time"),
        ({"lead_days": 0}, "lead time"),
        ({"breaks": (PriceBreak(5, 100),)}, "begin at 1"),
        ({"breaks": (PriceBreak(1, 100), PriceBreak(1, 90))}, "rise"),
        ({"breaks": (PriceBreak(1, 0),)}, "above zero"),
        ({"pack_multiple": 0}, "at least one unit"),
    ],
)
def test_terms_that_cannot_be_are_refused(buying: Buying, wrong: dict[str, object], says: str) -> None:
    facts: dict[str, object] = {"variant_id": buying.sku("TEA"), "supplier_sku": "", "breaks": (PriceBreak(1, 100),)}
    with buying.act() as tx, pytest.raises(Refused, match=says):
        suppliers.set_terms(tx, buying.supplier, [TermsDraft(**(facts | wrong))])  # type: ignore[arg-type]


def test_a_variant_has_one_preferred_supplier(buying: Buying) -> None:
    with buying.act() as tx:
        other = suppliers.add(tx, SupplierDraft("OTHER", "Other Works", "o@other.example", "EUR"))
        suppliers.set_terms(tx, other, [TermsDraft(buying.sku("MUG"), "", (PriceBreak(1, 100),))])
        best = suppliers.preferred_terms(tx, [buying.sku("MUG"), buying.sku("BOWL")])
        assert best[buying.sku("MUG")].supplier_id == other
        assert best[buying.sku("BOWL")].supplier_id == buying.supplier
        suppliers.set_status(tx, other, "archived")
        assert suppliers.preferred_terms(tx, [buying.sku("MUG")])[buying.sku("MUG")].supplier_id == buying.supplier


def test_order_days_push_the_expected_day(buying: Buying) -> None:
    with buying.act() as tx:
        suppliers.change(tx, buying.supplier, SupplierDraft("POTTERY", "P", POTTERY.email, "EUR", 0, "4"))
    # The tests begin on a Monday; the next Thursday is three days on.
    assert buying.line(buying.draft({"MUG": 12}), "MUG").expected_on == "2026-12-06"


def test_what_is_on_order_counts_drafts_and_what_was_confirmed_less_what_came(buying: Buying) -> None:
    order_id, key = buying.sent({"MUG": 12}), (buying.sku("MUG"), buying.home)
    buying.draft({"MUG": 30})
    found = buying.read(lambda tx: queries.on_order(tx, [key[0]]))[key]
    assert (found.units, found.drafts, found.next_on) == (42, 30, "2026-12-03")
    line = buying.line(order_id, "MUG")
    with buying.act() as tx:
        purchase.confirm(tx, order_id, [Confirmation(line.id, 10, "2026-12-09")], "c")
    buying.received(order_id, {"MUG": 4})
    found = buying.read(lambda tx: queries.on_order(tx, warehouse_id=buying.home, with_drafts=False))[key]
    assert (found.units, found.drafts, found.next_on) == (6, 0, "2026-12-09")


def test_lead_times_have_a_row_per_delivery_and_one_for_what_still_waits(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12})
    buying.clock.sleep(9 * DAY)
    buying.received(order_id, {"MUG": 4})
    buying.clock.sleep(5 * DAY)
    found = buying.read(lambda tx: queries.lead_times(tx, buying.supplier))
    assert [(one.qty, one.days, one.received_at is None) for one in found] == [(4, 9, False), (8, 14, True)]
    assert found[0].promised_on == "2026-12-03"
