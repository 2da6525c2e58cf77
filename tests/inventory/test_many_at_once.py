"""Many goods under one command, and what is written of the reservations that change."""

import pytest
from sqlalchemy import select
from stockroom import Stockroom

from storekeep.shop.inventory import adjusting, store
from storekeep.shop.inventory.errors import NotEnoughStock
from storekeep.shop.inventory.tables import reservation


def test_many_goods_are_carried_under_one_command_or_none_of_them(room: Stockroom) -> None:
    room.stock("MUG", 5, "A-1")
    room.stock("BOWL", 2, "A-2")
    room.sell("BOWL", 1)
    mug, bowl, bins = room.variants["MUG"], room.variants["BOWL"], room.bins
    too_much = [(mug, bins["A-1"], bins["B-1"], 3), (bowl, bins["A-2"], bins["B-1"], 3)]
    with pytest.raises(NotEnoughStock, match="BOWL"), room.db.begin() as tx:
        adjusting.transfer(tx, too_much, "t-1")
    assert room.units_in("MUG", "B-1") == 0
    a1, a2, b1 = bins["A-1"], bins["A-2"], bins["B-1"]
    steps = [(mug, a1, b1, 3), (bowl, a2, b1, 1), (mug, a1, a2, 1)]
    with room.db.begin() as tx:
        posted = adjusting.transfer(tx, steps, "t-1")
        assert adjusting.transfer(tx, steps, "t-1") == posted
    assert [(move.line_no, move.qty) for move in posted] == [(0, 3), (1, 1), (2, 1)]
    assert (room.units_in("MUG", "B-1"), room.units_in("MUG", "A-1"), room.units_in("BOWL", "B-1")) == (3, 1, 1)


def test_a_change_writes_the_columns_that_changed_and_no_others(room: Stockroom) -> None:
    room.stock("MUG", 5, "A-1")
    cart = room.id()
    room.hold(cart, MUG=3)
    with room.db.begin() as tx:
        held = store.reservations_of(tx, [cart], [])[0]
        changes = store.Changes(tx)
        part = changes.part(held, 1, status="released", release_reason="cart changed")
        held["release_reason"] = "never said"
        changes.flush()
        store.change_reserved(tx, {(held["variant_id"], room.home): -1})
    with room.db.read() as tx:
        rows = {row.id: row for row in tx.rows(select(reservation))}
    kept, gone = rows[held["id"]], rows[part["id"]]
    assert (kept.status, kept.qty, kept.release_reason) == ("cart", 2, None)
    assert (gone.status, gone.qty, gone.release_reason) == ("released", 1, "cart changed")
