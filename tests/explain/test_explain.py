"""`storekeep explain`: the rows that make each number, summing to it, and plain words when they do not."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from storekeep.doors.cli.explain_command import explain as command
from storekeep.kernel.db import Database
from storekeep.shop.reports import explain
from storekeep.shop.reports.explain import Explanation


def ran(db: Database, *words: str) -> Result:
    return CliRunner().invoke(command, [*words, "--db", db.url])


def numbers(found: Explanation) -> dict[str, int]:
    assert found.is_equal, found
    return {number.name: number.made for number in found.numbers}


def wrong(db: Database, statement: str) -> None:
    with db.begin(actor="tester") as tx:
        tx.sql(f"{statement} RETURNING 1")


def test_every_number_of_every_order_and_of_all_goods_is_made_by_its_rows(told: Any) -> None:
    with told.db.read() as tx:
        for row in tx.sql("SELECT number FROM sales_order ORDER BY number"):
            for found in (explain.order(tx, str(row.number)), explain.payment(tx, str(row.number))):
                assert found.is_equal, found
        places = tx.sql("""SELECT v.sku, l.code FROM stock_balance b JOIN variant v ON v.id = b.variant_id
            JOIN location l ON l.id = b.location_id ORDER BY v.sku, l.code""")
        assert len(places) > 15
        for row in places:
            assert explain.stock(tx, f"{row.sku}@{row.code}", "EUR").is_equal
            assert explain.stock(tx, row.sku, "EUR").is_equal


def test_the_units_of_a_place_are_its_moves_one_by_one_with_a_running_sum(told: Any) -> None:
    done = ran(told.db, "stock", "mug@b-01-1")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0] == "stock of MUG at B-01-1"
    moves = [line.split() for line in lines[3 : lines.index("  The rows make 3, the page says 3: equal.")]]
    assert [(row[0], row[1]) for row in moves] == [("+7", "7"), ("-3", "4"), ("-1", "3")]
    assert "from MAIN-RECEIVING to B-01-1" in lines[3]
    assert "broken in the bin" in lines[5]
    assert "[stock_move " in lines[5]
    assert lines[-1] == "Everything is equal."


def test_what_can_be_sold_is_on_hand_less_reserved_less_buffer(told: Any) -> None:
    with told.db.read() as tx:
        made = numbers(explain.stock(tx, "BOWL", "EUR"))
        shelf = tx.sql("""SELECT a.*, p.qty, p.value_minor FROM availability a JOIN variant v ON v.id = a.variant_id
            JOIN cost_pool p ON p.variant_id = v.id WHERE v.sku = 'BOWL'""")[0]
    assert made == {
        "on hand in MAIN, to be sold": shelf.on_hand_sellable,
        "reserved in MAIN": shelf.reserved,
        "available in MAIN": shelf.on_hand_sellable - shelf.reserved - shelf.buffer,
        "units of ours in MAIN": shelf.qty,
        "what they are worth in MAIN": shelf.value_minor,
        "the layers that hold it in MAIN": shelf.value_minor,
    }
    assert min(made.values()) > 0


def test_an_order_is_told_from_its_lines_to_its_total_its_money_and_its_units(told: Any) -> None:
    with told.db.read() as tx:
        found = explain.order(tx, f"#{told.orders['returned']}")
        order = tx.sql("SELECT * FROM sales_order WHERE number = :number", {"number": told.orders["returned"]})[0]
    made = numbers(found)
    assert made["goods"] == 4 * 700 + 1250 == order.goods_minor
    assert made["goods"] + made["delivery"] == made["total"] == order.total_minor
    assert (made["received"], made["given back"], made["due"]) == (order.total_minor, 2100, 0)
    assert made["owed"] == order.total_minor - 2100
    units = {name: count for name, count in made.items() if name.startswith("TEA")}
    assert units == {"TEA: ordered": 4, "TEA: fulfilled": 4, "TEA: returned": 3, "TEA: refunded after dispatch": 3}
    rows = {number.name: [row.source.split()[0] for row in number.rows] for number in found.numbers}
    assert rows["received"] == rows["given back"] == ["ledger_entry"]
    assert rows["TEA: returned"] == ["stock_move"]


def test_goods_sent_again_and_units_canceled_are_told(told: Any) -> None:
    with told.db.read() as tx:
        again = numbers(explain.order(tx, str(told.orders["again"])))
        part = tx.sql("""SELECT o.number FROM order_line l JOIN sales_order o ON o.id = l.order_id
            WHERE l.canceled > 0 AND l.fulfilled > 0""")[0].number
        canceled = numbers(explain.order(tx, str(part)))
    assert again["BOWL: to be sent again"] == 2
    assert (canceled["TEA: canceled"], canceled["TEA: fulfilled"]) == (2, 3)


def test_a_payment_is_told_twice_by_the_provider_and_by_the_ledger(told: Any) -> None:
    done = ran(told.db, "payment", str(told.orders["refunded"]), "--json")
    assert done.exit_code == 0
    found = {one["name"]: one for one in json.loads(done.output)["numbers"]}
    events, ledger = found["card payment: refunded, as the provider told"], found[
        "card payment: refunded, as the ledger booked"]  # fmt: skip
    assert events["rows_make"] == events["page_says"] == ledger["rows_make"] == 1250 + 321
    assert [row["sum"] for row in ledger["rows"]] == [1250, 1571]
    assert events["currency"] == "EUR"
    assert events["rows"][0]["source"].startswith("payment_event ")


@pytest.mark.parametrize(
    ("words", "spoil", "difference"),
    [
        (["stock", "MUG@B-01-1"], "UPDATE stock_balance SET qty = qty + 2 WHERE location_id = "
         "(SELECT id FROM location WHERE code = 'B-01-1') AND qty = 3",
         "The rows make 3, the page says 5: different by 2."),
        (["stock", "TEA"], "UPDATE availability SET reserved = reserved + 1", "different by 1."),
        (["order", "{refunded}"], "UPDATE sales_order SET received_minor = received_minor + 5",
         "different by 0.05."),
        (["payment", "{refunded}"], "UPDATE payment SET captured_minor = captured_minor + 100", "different by 1.00."),
    ],
)  # fmt: skip
def test_a_number_that_its_rows_do_not_make_ends_with_1(
    told: Any, words: list[str], spoil: str, difference: str
) -> None:
    wrong(told.db, spoil.format(**told.orders))
    done = ran(told.db, *(word.format(**told.orders) for word in words))
    assert done.exit_code == 1, done.output
    assert difference in done.output
    assert "Different: " in done.output.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("payout", "7"), "'payout' cannot be explained. What can: `storekeep explain stock SKU@LOCATION or SKU`"),
        (("stock", "NOTHING"), "there is no SKU 'NOTHING'"),
        (("stock", "NOTHING@B-01-1"), "there is no SKU 'NOTHING'"),
        (("stock", "@"), "there is no SKU ''"),
        (("stock", "MUG@NOWHERE"), "there is no location 'NOWHERE'"),
        (("order", "999999"), "there is no order 999999"),
        (("order", "ten"), "'ten' is no order number"),
        (("order", "9" * 40), "is no order number"),
        (("payment", "1; DROP TABLE payment"), "is no order number"),
    ],
)
def test_what_there_is_not_is_refused_in_clear_words(told: Any, words: tuple[str, ...], sentence: str) -> None:
    done = ran(told.db, *words)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert done.stdout == ""


def test_a_database_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["order", "1001", "--db", f"sqlite:///{tmp_path}/nothing.db"])
    assert (done.exit_code, "there is no database" in done.stderr) == (2, True)
