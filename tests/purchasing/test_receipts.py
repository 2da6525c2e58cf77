"""Deliveries: counted blind, compared, decided on, booked in once; short, over, damaged, wrong and unknown goods."""

from datetime import date, timedelta

import pytest
from buying import Buying

import make
from storekeep.flows import door_lots, purchase, receipts, send_back
from storekeep.kernel.clock import day_of
from storekeep.kernel.errors import Conflict, Invalid, Refused
from storekeep.shop.catalog import variants
from storekeep.shop.catalog.model import VariantChange
from storekeep.shop.inventory import locations, lots, putaway
from storekeep.shop.inventory.errors import NotEnoughStock
from storekeep.shop.inventory.queries import balances_of
from storekeep.shop.purchasing import suppliers
from storekeep.shop.purchasing.model import Counted, PriceBreak, TermsDraft


def places(buying: Buying, name: str) -> dict[str, int]:
    found = buying.read(lambda tx: balances_of(tx, [buying.sku(name)]))
    return {row.kind: row.qty for row in found if row.kind != "bin"}


def test_a_delivery_as_ordered_is_booked_in_once_at_the_orders_price(buying: Buying) -> None:
    order_id = buying.sent({"BOWL": 1000})
    before = buying.balance("2050")
    receipt_id = buying.counted(order_id, {"BOWL": 1000})
    with buying.act() as tx:
        assert receipts.post(tx, receipt_id, "same") == 800_123
        assert receipts.post(tx, receipt_id, "same") == 800_123
        with pytest.raises(Conflict, match="booked in already"):
            receipts.post(tx, receipt_id, "another")
    assert buying.balance("2050") - before == -800_123
    assert places(buying, "BOWL") == {"receiving": 1000}
    assert (buying.order(order_id).status, buying.line(order_id, "BOWL").received) == ("received", 1000)
    assert buying.faults() == []


def test_a_short_delivery_leaves_the_rest_open(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12, "BOWL": 2})
    buying.received(order_id, {"MUG": 5})
    assert buying.order(order_id).status == "part_received"
    buying.received(order_id, {"MUG": 7, "BOWL": 2})
    assert buying.order(order_id).status == "received"
    assert buying.faults() == []


def test_a_little_too_much_is_tolerated_and_more_waits_for_a_decision(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 60})
    receipt_id = buying.counted(order_id, {"MUG": 70})
    found = [(line.finding, line.counted, line.disposition) for line in buying.receipt_lines(receipt_id)]
    assert found == [("expected", 63, "accept"), ("over", 7, None)]
    with buying.act() as tx, pytest.raises(Conflict, match="1 lines of GR-1 wait"):
        receipts.post(tx, receipt_id, "p")
    with pytest.raises(Refused, match="say why"):
        buying.decide(receipt_id, "over", {"accept": 7}, reason="")
    with pytest.raises(Refused, match="add up"):
        buying.decide(receipt_id, "over", {"accept": 8})
    buying.decide(receipt_id, "over", {"accept": 2, "refuse": 5}, "two are sold already")
    buying.posted(receipt_id)
    line = buying.line(order_id, "MUG")
    assert (line.received, line.rejected) == (65, 5)
    assert places(buying, "MUG") == {"receiving": 65}
    assert buying.faults() == []


def test_damaged_goods_are_refused_held_or_sent_back(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12})
    receipt_id = buying.counted(order_id, {"MUG": 8}, {"MUG": 4})
    buying.decide(receipt_id, "damaged", {"refuse": 1, "hold": 1, "return": 2}, "broken handles")
    buying.posted(receipt_id)
    assert places(buying, "MUG") == {"receiving": 8, "quarantine": 3}
    line = buying.line(order_id, "MUG")
    assert (line.received, line.rejected, buying.order(order_id).status) == (11, 1, "part_received")
    back = next(line for line in buying.receipt_lines(receipt_id) if line.disposition == "return")
    grni = buying.balance("2050")
    with buying.act() as tx:
        first = send_back.send_back(tx, back.id, 2, "broken", "b")
        assert send_back.send_back(tx, back.id, 2, "broken", "b") == first
        with pytest.raises(Refused, match="0 units of this line"):
            send_back.send_back(tx, back.id, 1, "broken", "c")
    assert places(buying, "MUG") == {"receiving": 8, "quarantine": 1}
    assert buying.balance("2050") - grni == 1000
    assert buying.line(order_id, "MUG").returned == 2
    assert buying.faults() == []


def test_goods_that_nobody_ordered_each_get_a_decision(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12})
    with buying.act() as tx:
        receipt_id = receipts.open_receipt(tx, buying.home, "o", purchase_order_id=order_id)
        assert receipts.open_receipt(tx, buying.home, "o2", purchase_order_id=order_id) == receipt_id
        assert receipts.scan(tx, receipt_id, "mug", "s1", qty=12).kind == "counted"
        assert receipts.scan(tx, receipt_id, "mug", "s1", qty=12).kind == "counted"
        assert receipts.scan(tx, receipt_id, "tea", "s2", qty=3).text == "3 x TEA, Tea."
        assert receipts.scan(tx, receipt_id, "4711", "s3").kind == "unknown"
        receipts.count(tx, receipt_id, [Counted(None, 1, scanned="4711, a blue jug")], "u")
        receipts.finish_count(tx, receipt_id, "f")
    with pytest.raises(Refused, match="catalogue does not know"):
        buying.decide(receipt_id, "unknown", {"hold": 1})
    buying.decide(receipt_id, "unknown", {"refuse": 1})
    buying.decide(receipt_id, "wrong", {"accept": 3}, "we can use it")
    assert buying.posted(receipt_id) == 6_000 + 900
    assert [line.counted for line in buying.receipt_lines(receipt_id)] == [12, 3, 1]
    assert buying.faults() == []


def test_a_delivery_without_an_order_is_unplanned(buying: Buying) -> None:
    receipt_id = buying.counted(None, {"MUG": 3})
    assert [line.finding for line in buying.receipt_lines(receipt_id)] == ["unplanned"]
    with pytest.raises(Refused, match="say why"):
        buying.decide(receipt_id, "unplanned", {"accept": 3}, reason=" ")
    buying.decide(receipt_id, "unplanned", {"accept": 3}, "a gift")
    assert buying.posted(receipt_id) == 1500
    assert buying.faults() == []


def test_nothing_is_received_on_an_order_that_is_over(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12})
    with buying.act() as tx:
        purchase.cancel(tx, order_id, "no", "c")
        with pytest.raises(Conflict, match="PO-1001 is canceled"):
            receipts.open_receipt(tx, buying.home, "o", purchase_order_id=order_id)


def test_while_a_delivery_is_counted_its_order_stays_as_it_is(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12})
    receipt_id = buying.counted(order_id, {"MUG": 12})
    with buying.act() as tx, pytest.raises(Conflict, match="GR-1"):
        purchase.cancel(tx, order_id, "no", "c")
    with buying.act() as tx:
        receipts.void(tx, receipt_id, "counted the wrong pallet", "v")
        purchase.cancel(tx, order_id, "no", "d")
    assert places(buying, "MUG") == {}
    assert buying.faults() == []


def test_a_count_can_be_corrected_before_it_ends(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12, "BOWL": 1})
    with buying.act() as tx:
        receipt_id = receipts.open_receipt(tx, buying.home, "o", purchase_order_id=order_id)
        receipts.count(tx, receipt_id, [Counted(buying.sku("MUG"), 4), Counted(buying.sku("MUG"), 4)], "a")
        receipts.count(tx, receipt_id, [Counted(buying.sku("MUG"), 3), Counted(buying.sku("BOWL"), 1)], "b")
    mug, bowl = buying.receipt_lines(receipt_id)
    assert (mug.counted, bowl.counted) == (11, 1)
    with buying.act() as tx:
        receipts.recount(tx, receipt_id, mug.id, 12, "c")
        receipts.recount(tx, receipt_id, bowl.id, 0, "d")
    assert [line.counted for line in buying.receipt_lines(receipt_id)] == [12]
    with buying.act() as tx, pytest.raises(Refused, match="count from 1"):
        receipts.count(tx, receipt_id, [Counted(buying.sku("MUG"), 4_006_381_333)], "e")


def test_an_empty_count_cannot_end(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12})
    with buying.act() as tx:
        receipt_id = receipts.open_receipt(tx, buying.home, "o", purchase_order_id=order_id)
        with pytest.raises(Conflict, match="Nothing was counted"):
            receipts.finish_count(tx, receipt_id, "f")


def test_accepted_goods_can_go_straight_to_their_bin(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12})
    receipt_id = buying.counted(order_id, {"MUG": 12})
    with buying.act() as tx:
        found = putaway.suggest(tx, buying.home, [buying.sku("MUG"), buying.sku("TEA")])
        receipts.post(tx, receipt_id, "p", bins={buying.sku("MUG"): found[buying.sku("MUG")].id})
    [row] = buying.read(lambda tx: balances_of(tx, [buying.sku("MUG")]))
    assert (row.location_code, row.qty) == ("A-01-1", 32)


def test_goods_without_a_home_are_sent_to_different_empty_bins(buying: Buying) -> None:
    buying.shop.count += 1
    from make import stock

    stock(buying.shop, {"JUG": (100, 50, 0), "PAN": (100, 50, 0)})
    found = buying.read(lambda tx: putaway.suggest(tx, buying.home, [buying.sku("JUG"), buying.sku("PAN")]))
    assert len({place.code for place in found.values()}) == 2


def test_goods_in_a_bin_are_set_aside_before_they_go_back(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12})
    receipt_id = buying.received(order_id, {"MUG": 12})
    [line] = buying.receipt_lines(receipt_id)
    with buying.act() as tx, pytest.raises(NotEnoughStock):
        send_back.send_back(tx, line.id, 2, "ugly", "a")
    with buying.act() as tx:
        shelf = locations.by_code(tx, "A-01-1")
        with pytest.raises(Conflict, match="set them aside"):
            send_back.send_back(tx, line.id, 2, "ugly", "b", from_location_id=shelf.id)
        room = locations.places(tx, buying.home)["receiving"].id
        send_back.send_back(tx, line.id, 2, "ugly", "c", from_location_id=room)
    assert buying.faults() == []


def bags_are_kept_by_lot(buying: Buying) -> None:
    make.stock(buying.shop, {"BAGS": (500, 200, 0)})
    bags = buying.sku("BAGS")
    with buying.act() as tx:
        variants.update(tx, [VariantChange(bags, tracking="lot", shelf_life_days=400)])
        suppliers.set_terms(tx, buying.supplier, [TermsDraft(bags, "", (PriceBreak(1, 2_000_000),))])


def test_goods_that_are_told_apart_by_lot_are_not_booked_in_without_one(buying: Buying) -> None:
    bags_are_kept_by_lot(buying)
    order_id = buying.sent({"MUG": 12, "BAGS": 10})
    receipt_id = buying.counted(order_id, {"MUG": 12, "BAGS": 10})
    with pytest.raises(Refused, match="BAGS is told apart by lot; say which lot these 10 are"):
        buying.posted(receipt_id)
    mug, bags = (next(line for line in buying.receipt_lines(receipt_id) if line.variant_id == buying.sku(name))
                 for name in ("MUG", "BAGS"))  # fmt: skip
    for line_id, printed, why in (
        (mug.id, ("L1", None), "not told apart"), (bags.id, (None, "2027-03-31"), "lot as well"),
        (bags.id, ("L1", "2027-02-31"), "is not a day"), (bags.id, ("L 1", None), "no blanks"),
    ):  # fmt: skip
        with buying.act() as tx, pytest.raises(Invalid, match=why):
            door_lots.name_lots(tx, receipt_id, {line_id: printed}, buying.command())
    with buying.act() as tx:
        door_lots.name_lots(tx, receipt_id, {bags.id: ("l1", None)}, "n")
    with pytest.raises(Invalid, match="its lots need their expiry"):
        buying.posted(receipt_id)
    with buying.act() as tx:
        day = (date.fromisoformat(day_of(tx.now, "UTC")) + timedelta(days=90)).isoformat()
        door_lots.name_lots(tx, receipt_id, {bags.id: ("l1", day)}, "n2")
    buying.posted(receipt_id)
    found = buying.read(lambda tx: lots.by_code(tx, buying.sku("BAGS"), "L1"))
    assert (found.expires_on, found.supplier) == (day, "Pottery Works")
    with buying.act() as tx, pytest.raises(Conflict, match="booked in already"):
        door_lots.name_lots(tx, receipt_id, {bags.id: ("L2", day)}, "n3")
    assert buying.faults() == []


def test_several_lots_share_one_line_of_the_order_and_go_back_as_they_came(buying: Buying) -> None:
    bags_are_kept_by_lot(buying)
    with buying.act() as tx:
        day = (date.fromisoformat(day_of(tx.now, "UTC")) + timedelta(days=90)).isoformat()
    order_id = buying.sent({"BAGS": 20})
    with buying.act() as tx:
        receipt_id = receipts.open_receipt(tx, buying.home, "o", purchase_order_id=order_id)
        for n, (lot, units) in enumerate((("a", 12), ("B", 8), ("A", 3))):
            said = receipts.scan(tx, receipt_id, "BAGS", f"s{n}", qty=units, lot_code=lot, expires_on=day)
            assert said.text.endswith(f"lot {lot.upper()}.")
        receipts.count(tx, receipt_id, [Counted(buying.sku("BAGS"), 2, "damaged", "", "B", day)], "c")
        receipts.finish_count(tx, receipt_id, "f")
    lines = [(each.lot_code, each.finding, each.counted) for each in buying.receipt_lines(receipt_id)]
    assert sorted(lines) == [("A", "expected", 15), ("B", "damaged", 2), ("B", "expected", 6), ("B", "over", 2)]
    buying.decide(receipt_id, "over", {"refuse": 2})
    buying.decide(receipt_id, "damaged", {"return": 2})
    buying.posted(receipt_id)
    back = next(each for each in buying.receipt_lines(receipt_id) if each.disposition == "return")
    with buying.act() as tx:
        send_back.send_back(tx, back.id, 2, "cracked", "b")
    here = buying.read(lambda tx: balances_of(tx, [buying.sku("BAGS")]))
    assert sorted((row.lot_code, row.qty) for row in here if row.kind == "receiving") == [("A", 15), ("B", 6)]
    assert [row.qty for row in here if row.kind == "quarantine" and row.qty] == []
    assert buying.faults() == []
