"""Demand from a file of order lines: every usable row is wanted at its time and price, and the others say why not."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from replay.sheet import LINES, Line, write
from storekeep.flows import checkout
from storekeep.flows.checkout import Placed
from storekeep.kernel.clock import HOUR, VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.inventory.tables import stock_balance
from storekeep.shop.orders import filling
from storekeep.shop.orders.tables import order_line, sales_order
from storekeep.shop.reports import verify
from storekeep.world.simulator.market import FILL_LIMITS, FileDemand, Market, NotEmpty, NothingToSell, is_simulated
from storekeep.world.simulator.market.file import Expected
from storekeep.world.simulator.replay.reading import UnusableFile


def demand_of(folder: Path, lines: tuple[Line, ...] = LINES) -> FileDemand:
    return FileDemand.read(write(folder / "sales.csv", lines))


def test_every_invoice_is_a_visit_at_its_time_and_prices(tmp_path: Path) -> None:
    demand = demand_of(tmp_path)
    first = demand.visits("2010-12-01")
    assert [visit.key for visit in first] == [
        "invoice 900001", "invoice 900001/2", "invoice 900002", "invoice 900002/2", "invoice 900003",
        "invoice 900003/2",
    ]  # fmt: skip
    assert first[0].at == demand.start
    assert [tuple(line[:3]) for line in first[0].lines] == [("10001", 4, 250), ("10002A", 12, 125)]
    assert first[0].expected_total_minor == 25_00
    assert first[0].email == "customer-501@simulated.example"
    assert first[2].country == "FR"


def test_what_is_expected_is_the_sum_of_the_visits(tmp_path: Path) -> None:
    demand = demand_of(tmp_path)
    visits = [visit for day in demand.days for visit in demand.visits(day)]
    assert demand.expected == Expected(
        orders=len(visits),
        lines=sum(len(visit.lines) for visit in visits),
        units=sum(visit.units for visit in visits),
        total_minor=sum(visit.expected_total_minor or 0 for visit in visits),
    )
    assert (demand.expected.units, demand.expected.total_minor) == (81_024, 567_045_01)


def test_days_without_an_invoice_are_days_too(tmp_path: Path) -> None:
    demand = demand_of(tmp_path)
    assert (demand.days[0], demand.days[-1], len(demand.days)) == ("2010-12-01", "2011-01-04", 35)
    assert demand.visits("2010-12-24") == []


def test_credit_notes_come_on_their_days(tmp_path: Path) -> None:
    demand = demand_of(tmp_path)
    assert [document.key for document in demand.credits("2010-12-03")] == ["C900008", "C900009"]
    assert demand.credits("2010-12-01") == []


def test_bad_rows_are_rejected_with_their_reasons(tmp_path: Path) -> None:
    reasons = [reject.reason for reject in demand_of(tmp_path).rejects]
    assert "Quantity 'many' is not a whole number" in reasons
    assert "it has 3 fields, not 8" in reasons


def test_a_file_with_nothing_to_sell_is_refused(tmp_path: Path) -> None:
    only_bad = (("900017", "10001", "BLUE TEAPOT", "many", "2010-12-04 09:00:00", "2.00", "503", "United Kingdom"),)
    only_back = (("C900008", "10002A", "MUG", "-15", "2010-12-03 09:00:00", "1.30", "501", "United Kingdom"),)
    for lines in (only_bad, only_back, ()):
        with pytest.raises(NothingToSell, match="holds no order"):
            demand_of(tmp_path, lines)


def test_a_file_that_is_no_such_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(UnusableFile, match="lacks the columns"):
        FileDemand.read(path)
    with pytest.raises(UnusableFile, match="cannot be read"):
        FileDemand.read(tmp_path / "nowhere.csv")


def test_its_shop_takes_every_order_to_the_penny(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    demand = demand_of(tmp_path)
    market: Market = demand
    shelves = market.open(db)
    for day in market.days:
        for visit in market.visits(day):
            clock.move_to(visit.at)
            with db.begin(actor="shopper") as tx:
                cart_id = filling.fill(tx, [demand.full_cart(visit, shelves, tx.now + HOUR)], **FILL_LIMITS)[0]
            with db.begin(actor="shopper") as tx:
                limit = FILL_LIMITS["quantity_limit"]
                total = visit.expected_total_minor
                order = checkout.PlaceOrder(cart_id, total, "file", provider="memory", quantity_limit=limit)
                assert isinstance(checkout.place(tx, [order])[0], Placed), visit.key
    o, expected = sales_order.c, demand.expected
    with db.read() as tx:
        found = tx.first(sa.select(sa.func.count(), sa.func.sum(o.total_minor), sa.func.sum(o.tax_minor)))
        assert found is not None
        assert tuple(found) == (expected.orders, expected.total_minor, 0)
        assert tx.scalar(sa.select(sa.func.sum(order_line.c.ordered))) == expected.units
        assert verify.run(tx).status == "ok"


def test_its_goods_lie_where_the_shelves_say(db: Database, tmp_path: Path) -> None:
    demand = demand_of(tmp_path)
    shelves = demand.open(db)
    with db.read() as tx:
        rows = tx.rows(sa.select(stock_balance).where(stock_balance.c.qty > 0))
        assert is_simulated(tx)
    lying = {row.variant_id: (row.location_id, row.qty) for row in rows}
    assert demand.opening_stock() == {
        sku: lying[shelf.variant_id][1] for sku, shelf in shelves.by_sku.items() if shelf.variant_id in lying
    }
    assert all(
        lying[shelf.variant_id][0] == shelf.bin_id for shelf in shelves.by_sku.values() if shelf.variant_id in lying
    )
    assert list(demand.carriers() or {}) == ["swallow"]


def test_it_opens_in_an_empty_database_only(db: Database, tmp_path: Path) -> None:
    demand = demand_of(tmp_path)
    demand.open(db)
    with pytest.raises(NotEmpty):
        demand.open(db)


def test_the_same_file_makes_the_same_demand(tmp_path: Path) -> None:
    one, two = demand_of(tmp_path), demand_of(tmp_path)
    assert [one.visits(day) for day in one.days] == [two.visits(day) for day in two.days]
