"""Holding and firming goods: all or none, never twice, never more than there is."""

import pytest
from sqlalchemy import select
from stockroom import Stockroom

from storekeep.kernel.clock import MINUTE, VirtualClock
from storekeep.kernel.errors import Invalid
from storekeep.shop.inventory import policies, queries, reservations
from storekeep.shop.inventory.model import Firmed, FirmLine, FirmRequest, Held, HoldLine, HoldRequest, Short, ShortLine
from storekeep.shop.inventory.tables import reservation


def test_a_hold_keeps_all_lines_or_none_and_names_every_short_one(room: Stockroom) -> None:
    room.stock("MUG", 5)
    room.stock("BOWL", 1)
    refused = room.hold(room.id(), MUG=5, BOWL=2, PLATE=1)
    assert refused == Short((ShortLine(room.variants["BOWL"], 2, 1), ShortLine(room.variants["PLATE"], 1, 0)))
    assert room.numbers("MUG") == (5, 0)
    assert isinstance(room.hold(room.id(), MUG=5, BOWL=1), Held)
    assert room.numbers("MUG") == (5, 5)


def test_a_carts_own_hold_never_counts_against_it_and_its_expiry_is_never_shortened(room: Stockroom) -> None:
    room.stock("MUG", 5)
    cart = room.id()
    first = room.hold(cart, minutes=10, MUG=3)
    again = room.hold(cart, minutes=5, MUG=5)
    assert isinstance(first, Held)
    assert isinstance(again, Held)
    assert again.expires_at == first.expires_at
    later = room.hold(cart, minutes=20, MUG=5)
    assert isinstance(later, Held)
    assert later.expires_at == first.expires_at + 10 * MINUTE
    assert room.numbers("MUG") == (5, 5)


def test_a_refused_hold_leaves_the_earlier_one_as_it_was(room: Stockroom) -> None:
    room.stock("MUG", 5)
    cart = room.id()
    room.hold(cart, MUG=3)
    assert room.hold(cart, MUG=9) == Short((ShortLine(room.variants["MUG"], 9, 5),))
    assert room.numbers("MUG") == (5, 3)


def test_a_changed_cart_gives_back_what_it_no_longer_holds(room: Stockroom) -> None:
    room.stock("MUG", 5)
    room.stock("BOWL", 5)
    cart = room.id()
    room.hold(cart, MUG=3, BOWL=1)
    room.hold(cart, BOWL=2)
    assert (room.numbers("MUG"), room.numbers("BOWL")) == ((5, 0), (5, 2))


def test_a_hold_becomes_firm_without_taking_units_twice(room: Stockroom) -> None:
    room.stock("MUG", 3)
    cart, order, line = room.id(), room.id(), room.id()
    room.hold(cart, MUG=3)
    done = room.firm(cart, order, {line: ("MUG", 3)})
    assert done == Firmed(((line, room.variants["MUG"], room.home, 3),))
    assert room.numbers("MUG") == (3, 3)


def test_placing_the_same_order_again_returns_what_it_has(room: Stockroom) -> None:
    room.stock("MUG", 10)
    cart, order, line = room.id(), room.id(), room.id()
    first = room.firm(cart, order, {line: ("MUG", 3)})
    assert room.firm(cart, order, {line: ("MUG", 3)}) == first
    assert room.numbers("MUG") == (10, 3)


def test_one_batch_serves_orders_in_the_order_of_arrival(room: Stockroom) -> None:
    room.stock("MUG", 5)
    mug = room.variants["MUG"]
    requests = [FirmRequest(None, room.id(), (FirmLine(room.id(), mug, 2),)) for _ in range(4)]
    requests.insert(1, requests[0])
    with room.db.begin() as tx:
        outcomes = reservations.firm(tx, requests)
    assert [type(outcome) for outcome in outcomes] == [Firmed, Firmed, Firmed, Short, Short]
    assert outcomes[0] == outcomes[1]
    assert outcomes[3] == Short((ShortLine(mug, 2, 1),))
    assert room.numbers("MUG") == (5, 4)


def test_two_lines_of_one_variant_are_counted_together_and_share_the_hold(room: Stockroom) -> None:
    room.stock("MUG", 5)
    cart, one, two = room.id(), room.id(), room.id()
    room.hold(cart, MUG=5)
    assert isinstance(room.firm(cart, room.id(), {one: ("MUG", 2), two: ("MUG", 4)}), Short)
    done = room.firm(cart, room.id(), {one: ("MUG", 2), two: ("MUG", 3)})
    assert isinstance(done, Firmed)
    assert [(a.order_line_id, a.qty) for a in done.allocations] == [(one, 2), (two, 3)]
    assert room.numbers("MUG") == (5, 5)


def test_an_order_smaller_than_its_hold_gives_the_rest_back(room: Stockroom) -> None:
    room.stock("MUG", 5)
    room.stock("BOWL", 5)
    cart = room.id()
    room.hold(cart, MUG=5, BOWL=2)
    assert isinstance(room.firm(cart, room.id(), {room.id(): ("MUG", 2)}), Firmed)
    assert (room.numbers("MUG"), room.numbers("BOWL")) == ((5, 2), (5, 0))


def test_goods_sent_again_are_reserved_beside_what_the_order_has(room: Stockroom) -> None:
    room.stock("MUG", 5)
    order, line = room.id(), room.id()
    room.firm(None, order, {line: ("MUG", 2)})
    with room.db.begin() as tx:
        extra = reservations.reserve_extra(tx, [FirmRequest(None, order, (FirmLine(line, room.variants["MUG"], 1),))])
    assert isinstance(extra[0], Firmed)
    assert room.numbers("MUG") == (5, 3)


def test_a_hold_that_ran_out_is_released_once(room: Stockroom, clock: VirtualClock) -> None:
    room.stock("MUG", 5)
    room.hold(room.id(), minutes=10, MUG=2)
    room.hold(room.id(), minutes=30, MUG=1)
    clock.sleep(10 * MINUTE)
    with room.db.begin() as tx:
        assert reservations.expire_holds(tx) == 1
        assert reservations.expire_holds(tx) == 0
    assert room.numbers("MUG") == (5, 1)


def test_a_firm_reservation_never_runs_out(room: Stockroom, clock: VirtualClock) -> None:
    room.stock("MUG", 5)
    cart = room.id()
    room.hold(cart, MUG=2)
    room.firm(cart, room.id(), {room.id(): ("MUG", 2)})
    clock.sleep(1_000_000 * MINUTE)
    with room.db.begin() as tx:
        assert reservations.expire_holds(tx) == 0
        assert reservations.release_cart(tx, [cart], "cart emptied") == 0
    assert room.numbers("MUG") == (5, 2)


def test_canceling_releases_units_of_a_line_and_then_the_rest_once(room: Stockroom) -> None:
    room.stock("MUG", 5)
    room.stock("BOWL", 5)
    order, mugs, bowls = room.id(), room.id(), room.id()
    room.firm(None, order, {mugs: ("MUG", 4), bowls: ("BOWL", 1)})
    with room.db.begin() as tx:
        assert reservations.release_order(tx, order, {mugs: 1}, "changed mind") == {mugs: 1}
    assert room.numbers("MUG") == (5, 3)
    with room.db.begin() as tx:
        assert reservations.release_order(tx, order, None, "canceled") == {mugs: 3, bowls: 1}
        assert reservations.release_order(tx, order, None, "canceled") == {}
    with room.db.read() as tx:
        rows = tx.rows(select(reservation.c.status, reservation.c.release_reason, reservation.c.qty))
    assert sorted(tuple(row) for row in rows) == [
        ("released", "canceled", 1), ("released", "canceled", 3), ("released", "changed mind", 1),
    ]  # fmt: skip


def test_the_buffer_is_never_sold_but_does_not_break_what_is_promised(room: Stockroom) -> None:
    room.stock("MUG", 5)
    cart = room.id()
    room.hold(cart, MUG=4)
    with room.db.begin() as tx:
        policies.set_buffer(tx, room.variants["MUG"], room.home, 3)
    assert room.hold(room.id(), MUG=1) == Short((ShortLine(room.variants["MUG"], 1, 0),))
    assert isinstance(room.firm(cart, room.id(), {room.id(): ("MUG", 4)}), Firmed)
    with room.db.read() as tx:
        assert queries.availability_of(tx, [room.variants["MUG"]])[room.variants["MUG"]].available == 0


def test_an_order_comes_from_one_warehouse_when_one_has_everything(room: Stockroom) -> None:
    from storekeep.shop.inventory import receiving
    from storekeep.shop.inventory.model import ReceiveLine

    room.stock("MUG", 9)
    room.stock("BOWL", 1)
    north, bins = room.open("NORTH", {"N-1": 1})
    with room.db.begin() as tx:
        lines = [ReceiveLine(room.variants[name], 2, 500, bins["N-1"]) for name in ("MUG", "BOWL")]
        receiving.receive(tx, lines, north, "north", "delivery")
    done = room.firm(None, room.id(), {room.id(): ("MUG", 2), room.id(): ("BOWL", 2)})
    assert isinstance(done, Firmed)
    assert {a.warehouse_id for a in done.allocations} == {north}
    split = room.firm(None, room.id(), {room.id(): ("MUG", 9), room.id(): ("BOWL", 1)})
    assert isinstance(split, Firmed)
    assert {a.warehouse_id for a in split.allocations} == {room.home}


@pytest.mark.parametrize(("qty", "text"), [(0, "at least 1"), (-3, "at least 1"), (10**12, "more than one line")])
def test_impossible_quantities_are_refused_by_line(room: Stockroom, qty: int, text: str) -> None:
    with pytest.raises(Invalid, match=text) as refused, room.db.begin() as tx:
        lines = (HoldLine(room.variants["MUG"], 1), HoldLine(room.variants["MUG"], qty))
        reservations.hold(tx, [HoldRequest(room.id(), lines, tx.now + MINUTE)])
    assert refused.value.problems[0].path == "lines[1].qty"


def test_a_variant_that_nobody_knows_is_simply_short(room: Stockroom) -> None:
    with room.db.begin() as tx:
        stranger = tx.new_id()
        line = FirmLine(tx.new_id(), stranger, 1)
        assert reservations.firm(tx, [FirmRequest(None, tx.new_id(), (line,))]) == [Short((ShortLine(stranger, 1, 0),))]


def test_a_hold_that_has_ended_already_is_refused(room: Stockroom) -> None:
    with pytest.raises(Invalid, match="future"), room.db.begin() as tx:
        reservations.hold(tx, [HoldRequest(room.id(), (HoldLine(room.variants["MUG"], 1),), tx.now)])
