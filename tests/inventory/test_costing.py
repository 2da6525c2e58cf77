"""What goods cost: first in first out, at average, from one to the other, and back again."""

from typing import Any

import pytest
from sqlalchemy import select
from stockroom import Stockroom, check_books

from storekeep.kernel.db import Database
from storekeep.kernel.errors import Invalid
from storekeep.shop.inventory import adjusting, costing, landing, locations, picking, returning
from storekeep.shop.inventory.landing import Landing
from storekeep.shop.inventory.model import ReturnLine, ShipLine
from storekeep.shop.inventory.tables import cost_layer, cost_pool, stock_move


@pytest.fixture
def room(db: Database) -> Stockroom:
    return Stockroom(db)


def choose(room: Stockroom, method: str) -> None:
    with room.db.begin("owner") as tx:
        costing.choose_method(tx, method)


def left(room: Stockroom, name: str = "MUG") -> list[tuple[int, int, bool]]:
    """(units, value, pooled) of the open layers, the oldest first."""
    with room.db.read() as tx:
        c = cost_layer.c
        query = select(c.qty, c.value_minor, c.is_pooled).where(c.variant_id == room.variants[name], c.is_open)
        return [(row[0], row[1], row[2]) for row in tx.rows(query.order_by(c.seq))]


def lost(room: Stockroom, qty: int, name: str = "MUG", at: str = "A-1") -> int:
    """Throw units away; returns what they cost."""
    with room.db.begin("staff:somebody") as tx:
        return -adjusting.scrap(tx, room.variants[name], room.bins[at], qty, "broken", room.command()).value_minor


def back(room: Stockroom, qty: int, value: int) -> None:
    with room.db.begin("staff:somebody") as tx:
        line = ReturnLine(None, room.variants["MUG"], qty, value)
        returning.return_in(tx, [line], room.home, tx.new_id(), room.command())


def arrivals(room: Stockroom) -> list[Any]:
    with room.db.read() as tx:
        return list(tx.rows(select(stock_move).where(stock_move.c.kind == "receive").order_by(stock_move.c.seq)))


def land(room: Stockroom, nth: int, amount: int) -> Any:
    with room.db.begin("staff:office") as tx:
        at = tx.new_id()
        return landing.add_costs(tx, [Landing(arrivals(room)[nth].id, tx.new_id(), amount)], "test", at)[0]


def test_first_in_first_out_uses_up_the_oldest_layer_first(room: Stockroom) -> None:
    choose(room, "fifo")
    room.stock("MUG", 3, cost=100)
    room.stock("MUG", 5, cost=200)
    assert left(room) == [(3, 300, False), (5, 1000, False)]
    assert lost(room, 2) == 200
    assert lost(room, 3) == 100 + 400
    assert left(room) == [(3, 600, False)]
    assert lost(room, 3) == 600
    assert left(room) == []
    check_books(room.db)


def test_average_cost_is_one_pooled_layer(room: Stockroom) -> None:
    room.stock("MUG", 3, cost=100)
    room.stock("MUG", 5, cost=200)
    assert left(room) == [(8, 1300, True)]
    assert lost(room, 3) == 488  # 487.5, and halves go to the even number
    assert left(room) == [(5, 812, True)]
    check_books(room.db)


def test_a_change_of_method_touches_no_value_and_rules_the_next_arrival(room: Stockroom) -> None:
    room.stock("MUG", 2, cost=100)
    choose(room, "fifo")
    assert left(room) == [(2, 200, True)]
    room.stock("MUG", 2, cost=300)
    room.stock("MUG", 2, cost=500)
    assert left(room) == [(2, 200, True), (2, 600, False), (2, 1000, False)]
    assert lost(room, 3) == 500
    choose(room, "average")
    assert left(room) == [(1, 300, False), (2, 1000, False)]
    assert lost(room, 1) == 300
    room.stock("MUG", 3, cost=600)
    assert left(room) == [(5, 2800, True)]
    with room.db.begin("owner") as tx, pytest.raises(Invalid, match="average, fifo"):
        costing.choose_method(tx, "lifo")
    check_books(room.db)


def test_what_comes_back_has_a_layer_of_its_own_at_what_it_left_with(room: Stockroom) -> None:
    choose(room, "fifo")
    room.stock("MUG", 2, cost=100)
    room.stock("MUG", 2, cost=300)
    assert lost(room, 2) == 200
    back(room, 1, 100)
    assert left(room) == [(2, 600, False), (1, 100, False)]
    check_books(room.db)


def test_goods_that_go_back_to_their_supplier_leave_their_own_layer(room: Stockroom) -> None:
    choose(room, "fifo")
    room.stock("MUG", 4, cost=100)
    room.stock("MUG", 4, cost=300)
    with room.db.begin("staff:somebody") as tx:
        aside = locations.places(tx, room.home)["quarantine"].id
        adjusting.quarantine(tx, room.variants["MUG"], room.bins["A-1"], 3, "cracked", room.command())
        receipt = arrivals(room)[1].document_id
        move = returning.return_out(tx, room.variants["MUG"], 3, aside, tx.new_id(), room.command(), "cracked",
                                    receipt_id=receipt)  # fmt: skip
    assert move.value_minor == 900
    assert left(room) == [(4, 400, False), (1, 300, False)]
    check_books(room.db)


def test_a_late_cost_follows_the_goods_first_in_first_out(room: Stockroom) -> None:
    choose(room, "fifo")
    room.stock("MUG", 4, cost=100)
    room.stock("MUG", 10, cost=200)
    lost(room, 7)
    first, second = land(room, 0, 50), land(room, 1, 1000)
    assert (first.stock_minor, first.lost) == (0, 50)
    assert (second.stock_minor, second.lost, second.sold) == (700, 300, 0)
    assert left(room) == [(7, 2100, False)]


def test_a_late_cost_under_average_goes_where_it_would_have_gone_from_the_first_day(db: Database) -> None:
    """Two shops live the same life; in one the freight is known at once, in the other at the end."""
    room = Stockroom(db, ("EARLY", "LATE"))
    for name, cost in (("EARLY", 150), ("LATE", 100)):
        room.stock(name, 6, cost=200)
        lost(room, 2, name)
        room.stock(name, 12, cost=cost)
        for units in (3, 5):
            lost(room, units, name)
        room.stock(name, 7, cost=90)
        lost(room, 4, name)
    gone = land(room, 4, 600)
    values = [left(room, name)[0] for name in ("EARLY", "LATE")]
    assert values[0][0] == values[1][0] == 11
    assert abs(values[0][1] - values[1][1]) <= 2  # each departure rounds once
    assert gone.stock_minor + gone.lost == 600
    assert gone.lost > 0


def test_a_late_cost_goes_through_a_change_of_method(room: Stockroom) -> None:
    choose(room, "fifo")
    room.stock("MUG", 4, cost=100)
    lost(room, 1)
    choose(room, "average")
    room.stock("MUG", 5, cost=100)
    assert left(room) == [(8, 800, True)]
    lost(room, 4)
    gone = land(room, 0, 400)
    assert (gone.lost, gone.stock_minor) == (100 + 150, 150)
    assert left(room) == [(4, 400 + 150, True)]


@pytest.mark.parametrize("method", ["average", "fifo"])
def test_a_late_cost_of_goods_partly_sold_goes_to_those_sold_for_their_share(room: Stockroom, method: str) -> None:
    choose(room, method)
    room.stock("MUG", 10, cost=100)
    sale = room.sell("MUG", 3)
    room.pick(sale, "A-1", 3)
    with room.db.begin("staff:packer") as tx:
        line = ShipLine(sale.line_id, sale.order_line_id, sale.variant_id, 3)
        picking.ship(tx, [line], room.home, room.id(), room.command())
    lost(room, 2)
    gone = land(room, 0, 1000)
    assert (gone.sold, gone.lost, gone.stock_minor) == (300, 200, 500)
    assert left(room) == [(5, 1000, method == "average")]
    check_books(room.db)


def test_a_credit_never_takes_a_layer_below_nothing(room: Stockroom) -> None:
    room.stock("MUG", 2, cost=100)
    gone = land(room, 0, -500)
    assert (gone.stock_minor, gone.sold) == (-200, -300)
    assert left(room) == [(2, 0, True)]
    assert lost(room, 2) == 0


def test_the_pools_carry_what_landed(room: Stockroom) -> None:
    room.stock("MUG", 2, cost=100)
    land(room, 0, 33)
    with room.db.read() as tx:
        assert tx.scalar(select(cost_pool.c.value_minor)) == 233
    assert lost(room, 1) == 116
