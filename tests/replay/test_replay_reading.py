"""Reading and planning a file of invoices: each row goes to one place, or is rejected with the reason."""

from pathlib import Path

import pytest
from sheet import LINES, plan_of, write

from storekeep.world.simulator.replay import planning, reading, run
from storekeep.world.simulator.replay.matching import Matcher
from storekeep.world.simulator.replay.planning import CreditLine, Document, Order, OrderLine
from storekeep.world.simulator.replay.reading import Reject, UnusableFile


def reasons(folder: Path) -> dict[int, str]:
    """Reject reasons by the place of the row in `LINES`, from 0."""
    return {one.number - 2: one.reason for one in plan_of(folder).rejects}


def test_a_malformed_row_is_rejected_with_its_number_and_what_is_wrong(tmp_path: Path) -> None:
    told = reasons(tmp_path)
    assert told[26] == "Quantity 'many' is not a whole number"
    assert told[27] == "InvoiceDate 'yesterday' is not a date with a time"
    assert told[28] == "UnitPrice 'free' is not a number"
    assert told[29] == "Quantity 99,999,999 is more than a line may have (1,000,000)"
    assert told[30] == "StockCode is missing"
    assert told[31].startswith("InvoiceNo '9OOO17' is not a number")
    assert told[32] == "it has 3 fields, not 8"


def test_a_row_that_belongs_to_no_ledger_is_rejected_with_the_reason(tmp_path: Path) -> None:
    told = reasons(tmp_path)
    assert told[19] == "a charge of nothing: its total rounds to 0.00"
    assert told[20].startswith("a gift voucher")
    assert told[22].startswith("an invoice of the kind A")
    assert told[23] == "the code NEWCODE is neither a product nor a known charge"
    assert told[24] == "a negative quantity with a price, and not on a credit note"
    assert told[25] == "a credit note with a positive quantity"
    assert sorted(told) == [19, 20, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32]


def test_no_row_is_dropped_silently(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    kept = sum(
        len(one.sold) + len(one.credit) + len(one.corrections) + len(one.charges) for one in plan.documents
    )
    assert kept + len(plan.rejects) == plan.row_count == len(LINES)


def test_a_rejected_row_keeps_its_fields(tmp_path: Path) -> None:
    bad = next(one for one in plan_of(tmp_path).rejects if one.number == 28)
    assert bad.fields[3] == "many"


def test_a_packed_file_reads_like_a_plain_one(tmp_path: Path) -> None:
    plain = list(reading.read(write(tmp_path / "a.csv")))
    assert list(reading.read(write(tmp_path / "b.csv.gz", packed=True))) == plain


def test_a_file_without_the_columns_is_refused_by_their_names(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,Country\n1,2,3,4,5,6\n")
    with pytest.raises(UnusableFile, match="lacks the columns UnitPrice, CustomerID"):
        list(reading.read(path))


def test_a_torn_gzip_file_is_refused(tmp_path: Path) -> None:
    whole = write(tmp_path / "a.csv.gz", LINES * 50, packed=True).read_bytes()
    torn = tmp_path / "torn.csv.gz"
    torn.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnusableFile, match="cannot be read"):
        list(reading.read(torn))


def test_a_file_with_nothing_usable_is_refused(tmp_path: Path) -> None:
    with pytest.raises(run.NothingToReplay):
        plan_of(tmp_path, LINES[26:28])


def test_until_and_limit_leave_later_documents_out(tmp_path: Path) -> None:
    assert {one.day for one in plan_of(tmp_path, until="2010-12-02").documents} == {"2010-12-01", "2010-12-02"}
    assert [one.key for one in plan_of(tmp_path, limit=2).documents] == ["900001", "900002"]


@pytest.mark.parametrize(("qty", "price", "pennies"), [(3, "0.335", 101), (-3, "0.335", -101), (7, "0.33", 231)])
def test_a_total_is_rounded_half_up_and_a_credit_is_its_mirror(qty: int, price: str, pennies: int) -> None:
    fields = dict(zip(reading.COLUMNS, LINES[0], strict=True)) | {"Quantity": str(qty), "UnitPrice": price}
    assert reading.understand(2, fields).total_minor == pennies


def test_a_total_that_no_unit_price_makes_is_split_at_two_neighbouring_prices(tmp_path: Path) -> None:
    document = next(one for one in plan_of(tmp_path).documents if one.key == "900002")
    lines = [(line.qty, line.unit_minor) for order in document.orders for line in order.lines]
    assert lines == [(1, 33), (2, 34)]
    assert sum(order.total_minor for order in document.orders) == 101


def test_equal_codes_are_one_line_and_a_second_price_makes_a_second_order(tmp_path: Path) -> None:
    first, second = plan_of(tmp_path).documents[0].orders
    assert first.lines == (OrderLine("10001", 4, 250), OrderLine("10002A", 12, 125))
    assert (second.key, second.lines) == ("900001/2", (OrderLine("10001", 1, 300),))


def test_a_product_is_named_by_its_most_frequent_description(tmp_path: Path) -> None:
    names = plan_of(tmp_path).descriptions
    assert names["10001"] == "BLUE TEAPOT"
    assert names["10004"] == names["10005"] == ""


def test_opening_stock_is_the_largest_running_shortfall(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, until="2010-12-31")
    units = planning.opening_stock(planning.batches(plan.documents))
    assert units == {"10001": 10, "10002A": 12, "10003": 6, "10004": 3, "10005": 1}


def bought(key: str, qty: int, price: int) -> Order:
    return Order(key, 0, "7", "France", (OrderLine("10001", qty, price),))


def credit(units: int, total: int, customer: str = "7") -> Document:
    return Document("C1", 0, "2010-12-01", customer, "France", credit=[CreditLine(2, "10001", units, total)])


def test_credits_are_matched_newest_first_and_never_twice() -> None:
    matcher = Matcher()
    matcher.bought([bought("old", 5, 200), bought("new", 3, 200)])
    first, second, third = (matcher.settle(credit(4, 800)) for _ in range(3))
    assert [(one.order_key, one.units) for one in first.matched] == [("new", 3), ("old", 1)]
    assert [(one.order_key, one.units) for one in second.matched] == [("old", 4)]
    assert third.matched == ()
    assert [(one.units, one.amount_minor) for one in third.blind] == [(4, 800)]


def test_a_credit_of_somebody_else_is_blind() -> None:
    matcher = Matcher()
    matcher.bought([bought("old", 5, 200)])
    assert matcher.settle(credit(1, 200, "8")).matched == ()


def test_a_credit_below_the_price_paid_is_a_part_and_one_above_is_paid_beside() -> None:
    matcher = Matcher()
    matcher.bought([bought("old", 5, 200)])
    below, above = matcher.settle(credit(2, 300)).matched[0], matcher.settle(credit(2, 500)).matched[0]
    assert (below.refund_units, below.goodwill_minor, below.extra_minor) == (0, 300, 0)
    assert (above.refund_units, above.goodwill_minor, above.extra_minor) == (2, 0, 100)


def test_the_parts_of_an_odd_credit_add_up_to_it() -> None:
    matcher = Matcher()
    matcher.bought([bought("a", 1, 33), bought("b", 1, 33)])
    settled = matcher.settle(credit(3, 100))
    parts = [one.units * 33 * bool(one.refund_units) + one.goodwill_minor + one.extra_minor for one in settled.matched]
    assert sum(parts) + sum(one.amount_minor for one in settled.blind) == 100


def test_a_reject_is_not_a_row(tmp_path: Path) -> None:
    kinds = [isinstance(row, Reject) for row in reading.read(write(tmp_path / "a.csv"))]
    assert sum(kinds) == 7
