"""Goods in, through the house, out and back: every number follows from the moves."""

import pytest
from sqlalchemy import select
from stockroom import Stockroom

from storekeep.kernel.clock import MINUTE
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.inventory import (
    adjusting,
    correcting,
    locations,
    moves,
    picking,
    policies,
    queries,
    receiving,
    reservations,
    returning,
    warehouses,
)
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.errors import (
    CountChanged,
    LocationClosed,
    NotEnoughStock,
    NotToBePicked,
    UnknownLocation,
    UnknownVariant,
)
from storekeep.shop.inventory.model import (
    Firmed,
    MoveDraft,
    PickRequest,
    PutawayLine,
    ReceiveLine,
    RestockLine,
    ReturnLine,
    ShipLine,
)
from storekeep.shop.inventory.tables import reservation, stock_move


def test_goods_in_receiving_can_be_sold_after_they_are_put_away(room: Stockroom) -> None:
    mug = room.variants["MUG"]
    with room.db.begin("staff:ann") as tx:
        receiving.receive(tx, [ReceiveLine(mug, 6, 500)], room.home, "r1", "delivery 17")
    assert room.numbers("MUG") == (0, 0)
    with room.db.begin("staff:ann") as tx:
        receiving.putaway(tx, [PutawayLine(mug, 4, room.bins["A-1"])], room.home, "p1")
    assert room.numbers("MUG") == (4, 0)
    assert room.units_in("MUG", "MAIN-RECEIVING") == 2
    with room.db.read() as tx:
        assert queries.value_on_hand(tx, [mug]) == 3000


def test_the_same_receipt_posted_twice_leaves_one_set_of_moves(room: Stockroom) -> None:
    lines = [ReceiveLine(room.variants["MUG"], 6, 500), ReceiveLine(room.variants["BOWL"], 2, 100)]
    with room.db.begin() as tx:
        first = receiving.receive(tx, lines, room.home, "r1", "delivery")
    with room.db.begin() as tx:
        assert receiving.receive(tx, lines, room.home, "r1", "delivery") == first
        assert [move.seq for move in first] == [1, 2]


def test_an_order_walks_from_bin_to_customer_and_takes_its_cost_along(room: Stockroom) -> None:
    room.stock("MUG", 3, cost=500)
    room.stock("MUG", 1, cost=501)
    sale = room.sell("MUG", 3)
    assert room.numbers("MUG") == (4, 3)
    room.pick(sale, "A-1", 3)
    assert room.numbers("MUG") == (1, 0)
    line = ShipLine(sale.line_id, sale.order_line_id, sale.variant_id, 3)
    with room.db.begin("staff:packer") as tx:
        shipped = picking.ship(tx, [line], room.home, room.id(), "s1")
    assert [(m.order_line_id, m.qty, m.value_minor) for m in shipped] == [(sale.order_line_id, 3, 1501)]
    with room.db.begin("staff:packer") as tx:
        assert picking.ship(tx, [line], room.home, room.id(), "s1") == shipped
        assert queries.value_on_hand(tx) == 500
        assert queries.shipped_value(tx, [sale.line_id]) == {sale.line_id: (3, 1501)}
        assert {row.status for row in tx.rows(select(reservation.c.status))} == {"consumed"}


def test_a_line_is_one_stop_when_one_bin_has_it_all_and_follows_the_walk_otherwise(room: Stockroom) -> None:
    room.stock("MUG", 2, "A-1")
    room.stock("MUG", 5, "A-2")
    room.stock("MUG", 5, "B-1")
    big, bigger = room.sell("MUG", 4), room.sell("MUG", 7)
    assert [(a.location_code, a.qty) for a in room.assign(big)] == [("A-2", 4)]
    assert [(a.location_code, a.qty) for a in room.assign(bigger)] == [("A-1", 2), ("A-2", 1), ("B-1", 4)]


def test_a_scan_is_undone_and_done_again(room: Stockroom) -> None:
    room.stock("MUG", 3)
    sale = room.sell("MUG", 2)
    room.pick(sale, "A-1", 1, "scan-1")
    room.pick(sale, "A-1", 1, "scan-1")
    assert room.numbers("MUG") == (2, 1)
    with room.db.begin() as tx:
        picking.unpick(tx, [PickRequest(sale.line_id, room.bins["A-1"], 1, "undo-1")])
    assert room.numbers("MUG") == (3, 2)
    room.pick(sale, "A-1", 2)
    assert room.units_in("MUG", "MAIN-PACKING") == 2


def test_nobody_picks_more_than_the_line_has_at_that_bin(room: Stockroom) -> None:
    room.stock("MUG", 9)
    sale = room.sell("MUG", 2)
    with pytest.raises(NotToBePicked, match="3 units were asked for, and 2"):
        room.pick(sale, "A-1", 3)
    with pytest.raises(NotToBePicked):
        room.pick(sale, "A-2", 1)
    line = ShipLine(sale.line_id, sale.order_line_id, sale.variant_id, 1)
    with pytest.raises(NotToBePicked), room.db.begin() as tx:
        picking.ship(tx, [line], room.home, room.id(), "early")


def test_missing_units_are_fetched_from_the_next_bin(room: Stockroom) -> None:
    room.stock("MUG", 3, "A-1")
    room.stock("MUG", 3, "A-2")
    sale = room.sell("MUG", 3)
    with room.db.begin("staff:picker") as tx:
        outcome = picking.short(tx, sale.line_id, room.bins["A-1"], 1, "missing", "short-1")
    assert [(a.location_code, a.qty) for a in outcome.reassigned] == [("A-2", 2)]
    assert (outcome.missing, outcome.displaced, outcome.value_minor) == (0, (), 1000)
    assert room.numbers("MUG") == (4, 3)
    with room.db.begin("staff:picker") as tx:
        again = picking.short(tx, sale.line_id, room.bins["A-1"], 1, "missing", "short-1")
    assert (again.is_repeat, again.reassigned, again.missing) == (True, outcome.reassigned, 0)


def test_damaged_units_go_to_quarantine_and_what_nobody_has_is_told(room: Stockroom) -> None:
    room.stock("MUG", 3, "A-1")
    sale = room.sell("MUG", 3)
    with room.db.begin("staff:picker") as tx:
        outcome = picking.short(tx, sale.line_id, room.bins["A-1"], 1, "damaged", "short-1")
    assert (outcome.reassigned, outcome.missing, outcome.value_minor) == ((), 2, 0)
    assert [(d.order_line_id, d.qty) for d in outcome.displaced] == [(sale.order_line_id, 2)]
    assert room.units_in("MUG", "MAIN-QUARANTINE") == 2
    assert room.numbers("MUG") == (1, 1)
    room.pick(sale, "A-1", 1)


def test_a_cart_gives_way_before_an_order_when_goods_are_missing(room: Stockroom) -> None:
    room.stock("MUG", 2, "A-1")
    room.stock("MUG", 1, "A-2")
    sale, cart = room.sell("MUG", 2), room.id()
    room.hold(cart, MUG=1)
    with room.db.begin("staff:picker") as tx:
        outcome = picking.short(tx, sale.line_id, room.bins["A-1"], 1, "missing", "short-1")
    assert outcome.missing == 0
    assert [(d.cart_id, d.qty) for d in outcome.displaced] == [(cart, 1)]


@pytest.mark.parametrize(("found", "reason"), [(3, "missing"), (-1, "missing"), (0, "bored")])
def test_a_short_pick_needs_a_believable_count_and_a_known_reason(room: Stockroom, found: int, reason: str) -> None:
    room.stock("MUG", 3)
    sale = room.sell("MUG", 3)
    with pytest.raises(Invalid), room.db.begin() as tx:
        picking.short(tx, sale.line_id, room.bins["A-1"], found, reason, "short-1")


def test_picked_goods_of_a_canceled_fulfillment_go_back_to_their_bin(room: Stockroom) -> None:
    room.stock("MUG", 3)
    sale = room.sell("MUG", 3)
    room.pick(sale, "A-1", 2)
    with room.db.begin("staff:packer") as tx:
        assert reservations.release_order(tx, sale.order_id, None, "canceled") == {sale.order_line_id: 1}
        first = picking.put_back(tx, [sale.line_id], "back-1")
        assert picking.put_back(tx, [sale.line_id], "back-1") == first
    assert room.numbers("MUG") == (3, 0)
    assert room.units_in("MUG", "A-1") == 3


def test_returned_goods_come_back_at_their_value_and_are_sold_again_after_a_look(room: Stockroom) -> None:
    room.stock("MUG", 2, cost=700)
    sale = room.sell("MUG", 1)
    room.pick(sale, "A-1", 1)
    mug = room.variants["MUG"]
    with room.db.begin() as tx:
        out = picking.ship(tx, [ShipLine(sale.line_id, sale.order_line_id, mug, 1)], room.home, room.id(), "s1")
        back = ReturnLine(sale.order_line_id, mug, 1, out[0].value_minor)
        returning.return_in(tx, [back], room.home, room.id(), "ret-1")
    assert room.numbers("MUG") == (1, 0)
    with room.db.begin() as tx:
        assert queries.value_on_hand(tx, [mug]) == 1400
        returning.restock(tx, [RestockLine(mug, 1, room.bins["A-2"])], room.home, "re-1")
    assert room.numbers("MUG") == (2, 0)


def test_a_correction_says_what_moved_since_when_the_count_is_stale(room: Stockroom) -> None:
    room.stock("MUG", 5)
    sale = room.sell("MUG", 2)
    room.pick(sale, "A-1", 2)
    mug, at = room.variants["MUG"], room.bins["A-1"]
    told = r"A-1 holds 3 of MUG, not 5.*-2 pick by staff:picker"
    with pytest.raises(CountChanged, match=told), room.db.begin("staff:counter") as tx:
        correcting.correct(tx, [Correction(mug, at, -1, "recount", "adj-1", expected_qty=5)])
    with room.db.begin("staff:counter") as tx:
        done = correcting.correct(tx, [Correction(mug, at, -1, "recount", "adj-1", expected_qty=3)])
        assert done.values == (-500,)
        assert correcting.correct(tx, [Correction(mug, at, -1, "recount", "adj-1", expected_qty=3)]).moves == done.moves
        found = correcting.correct(tx, [Correction(mug, at, 2, "behind the shelf", "adj-2", expected_qty=2)])
        assert found.values == (1000,)
    assert room.numbers("MUG") == (4, 0)


def test_goods_found_in_an_empty_warehouse_come_in_at_the_catalogues_cost(room: Stockroom) -> None:
    with room.db.begin() as tx:
        found = Correction(room.variants["BOWL"], room.bins["A-1"], 3, "found", "adj-1", expected_qty=0)
        done = correcting.correct(tx, [found])
    assert done.values == (1500,)


def test_a_correction_below_what_is_promised_tells_whose_promise_is_broken(room: Stockroom) -> None:
    room.stock("MUG", 3)
    old, young = room.sell("MUG", 2), room.sell("MUG", 1)
    with room.db.begin("staff:counter") as tx:
        broken = Correction(room.variants["MUG"], room.bins["A-1"], -1, "broken", "adj-1", expected_qty=3)
        done = correcting.correct(tx, [broken])
    assert [(d.order_id, d.qty) for d in done.displaced] == [(young.order_id, 1)]
    assert room.numbers("MUG") == (2, 2)
    room.pick(old, "A-1", 2)


def test_units_that_leave_a_bin_send_its_pickers_to_another_one(room: Stockroom) -> None:
    room.stock("MUG", 3, "A-1")
    room.stock("MUG", 3, "B-1")
    sale = room.sell("MUG", 3)
    with room.db.begin() as tx:
        done = adjusting.scrap(tx, room.variants["MUG"], room.bins["A-1"], 1, "chipped", "scrap-1")
    assert done.displaced == ()
    assert (done.value_minor, [(a.location_code, a.qty) for a in done.reassigned]) == (-500, [("B-1", 1)])
    assert [(a.location_code, a.qty) for a in room.assign(sale)] == [("A-1", 2), ("B-1", 1)]


def test_a_blocked_bin_is_not_sold_from_until_it_is_open_again(room: Stockroom) -> None:
    room.stock("MUG", 3, "A-1")
    sale = room.sell("MUG", 2)
    at = room.bins["A-1"]
    with room.db.begin("staff:ann") as tx:
        displaced = locations.set_status(tx, at, "blocked", "leaking roof")
    assert [(d.order_id, d.qty) for d in displaced] == [(sale.order_id, 2)]
    assert room.numbers("MUG") == (0, 0)
    with room.db.begin("staff:ann") as tx:
        assert locations.set_status(tx, at, "active", "dry again") == ()
    assert room.numbers("MUG") == (3, 0)
    with pytest.raises(Conflict, match="still holds 3 units"), room.db.begin() as tx:
        locations.set_status(tx, at, "closed", "moving out")


def test_only_free_units_are_carried_elsewhere(room: Stockroom) -> None:
    room.stock("MUG", 5, "A-1")
    room.sell("MUG", 3)
    mug, a1, a2 = room.variants["MUG"], room.bins["A-1"], room.bins["A-2"]
    with pytest.raises(NotEnoughStock, match="A-1 holds 2 free of MUG"), room.db.begin() as tx:
        adjusting.transfer(tx, [(mug, a1, a2, 3)], "t-1")
    with room.db.begin() as tx:
        [move] = adjusting.transfer(tx, [(mug, a1, a2, 2)], "t-1")
        assert move.value_minor == 0
    assert (room.numbers("MUG"), room.units_in("MUG", "A-2")) == ((5, 3), 2)


def test_promised_goods_are_not_carried_out_of_sight(room: Stockroom) -> None:
    room.stock("MUG", 2, "A-1")
    room.firm(None, room.id(), {room.id(): ("MUG", 1)})
    with room.db.begin() as tx:
        receiving_at = locations.by_code(tx, "main-receiving ").id
    with pytest.raises(NotEnoughStock, match="1 free of MUG"), room.db.begin() as tx:
        adjusting.transfer(tx, [(room.variants["MUG"], room.bins["A-1"], receiving_at, 2)], "t-1")


def test_an_owned_place_never_falls_below_nothing_and_says_which(room: Stockroom) -> None:
    room.stock("MUG", 2)
    with pytest.raises(NotEnoughStock, match="A-1 holds 2 of MUG; 3 cannot be taken"), room.db.begin() as tx:
        adjusting.scrap(tx, room.variants["MUG"], room.bins["A-1"], 3, "broken", "s-1")
    with room.db.begin() as tx:
        home = locations.places(tx, room.home)
        draft = MoveDraft(room.variants["MUG"], 1, home["quarantine"].id, home["scrap"].id, "scrap", "x", "scrap",
                          room.id(), "s-2")  # fmt: skip
    with pytest.raises(NotEnoughStock, match="MAIN-QUARANTINE holds 0 of MUG"), room.db.begin() as tx:
        moves.post(tx, [draft])


def test_a_closed_place_takes_nothing_in(room: Stockroom) -> None:
    with room.db.begin() as tx:
        locations.set_status(tx, room.bins["B-1"], "closed", "taken down")
    with pytest.raises(LocationClosed, match="B-1 is closed"):
        room.stock("MUG", 1, "B-1")


def test_unknown_goods_and_places_are_named(room: Stockroom) -> None:
    with room.db.begin() as tx:
        assert queries.variant_by_sku(tx, " mug ") == room.variants["MUG"]
        with pytest.raises(UnknownVariant, match="there is no SKU TEAPOT"):
            queries.variant_by_sku(tx, "TEAPOT")
        with pytest.raises(UnknownVariant):
            receiving.receive(tx, [ReceiveLine(room.id(), 1, 1)], room.home, "r", "delivery")
        with pytest.raises(UnknownLocation):
            receiving.receive(tx, [ReceiveLine(room.variants["MUG"], 1, 1, room.id())], room.home, "r", "delivery")
        with pytest.raises(UnknownLocation, match="there is no location Z-9"):
            locations.by_code(tx, "Z-9")


@pytest.mark.parametrize("qty", [0, -1, 10**15])
def test_impossible_quantities_are_refused_everywhere(room: Stockroom, qty: int) -> None:
    room.stock("MUG", 5)
    mug, at = room.variants["MUG"], room.bins["A-1"]
    with room.db.begin() as tx:
        with pytest.raises(Invalid):
            receiving.receive(tx, [ReceiveLine(mug, qty, 500)], room.home, "r", "delivery")
        with pytest.raises(Invalid):
            adjusting.scrap(tx, mug, at, qty, "broken", "s")
        with pytest.raises(Invalid):
            adjusting.transfer(tx, [(mug, at, room.bins["A-2"], qty)], "t")
        with pytest.raises(Invalid):
            picking.pick(tx, [PickRequest(room.id(), at, qty, "p")])
        with pytest.raises(Invalid):
            returning.return_in(tx, [ReturnLine(None, mug, qty, 0)], room.home, room.id(), "b")
    with pytest.raises(Invalid, match="say why"), room.db.begin() as tx:
        correcting.correct(tx, [Correction(mug, at, -1, "  ", "a", expected_qty=5)])


def test_every_number_opens_the_rows_it_is_made_of(room: Stockroom) -> None:
    room.stock("MUG", 5, "A-1")
    room.stock("MUG", 2, "B-1")
    room.sell("MUG", 3)
    room.hold(room.id(), MUG=1)
    with room.db.read() as tx:
        why = queries.why(tx, room.variants["MUG"], room.home)
        ledger = queries.moves_of(tx, room.variants["MUG"], limit=1)
        older = queries.moves_of(tx, room.variants["MUG"], before_id=ledger[0].id)
    assert (why.numbers.on_hand, why.numbers.reserved, why.numbers.available) == (7, 4, 3)
    assert sum(row.qty for row in why.balances if row.is_sellable) == 7
    assert sorted((row.status, row.qty) for row in why.reservations) == [("assigned", 3), ("cart", 1)]
    assert [(row.to_code, row.owned_change) for row in [*ledger, *older]] == [("B-1", 2), ("A-1", 5)]


def test_the_reorder_list_counts_what_is_ours_and_not_yet_promised(room: Stockroom) -> None:
    room.stock("MUG", 5)
    mug = room.variants["MUG"]
    with room.db.begin() as tx:
        policies.set_reorder(tx, mug, room.home, 3, 10)
        assert queries.to_reorder(tx) == []
        with pytest.raises(Invalid, match="at least the reorder point"):
            policies.set_reorder(tx, mug, room.home, 3, 2)
    room.hold(room.id(), minutes=10 * MINUTE, MUG=2)
    with room.db.read() as tx:
        rows = queries.to_reorder(tx)
        listed = queries.stock_list(tx, starts_with="mu")
    assert [(row.sku, row.owned, row.reserved, row.suggested) for row in rows] == [("MUG", 5, 2, 7)]
    assert [(row.sku, row.available, row.value_minor) for row in listed] == [("MUG", 3, 2500)]


def test_a_move_is_never_edited(room: Stockroom) -> None:
    room.stock("MUG", 5)
    with pytest.raises(Exception, match="append-only"), room.db.begin() as tx:
        tx.run(stock_move.update().values(qty=6))


def test_firming_an_order_of_goods_in_two_bins_needs_no_bin_yet(room: Stockroom) -> None:
    room.stock("MUG", 1, "A-1")
    room.stock("MUG", 1, "A-2")
    assert isinstance(room.firm(None, room.id(), {room.id(): ("MUG", 2)}), Firmed)


def test_the_first_warehouse_is_the_main_one(room: Stockroom) -> None:
    room.open("ANNEX", {})
    with room.db.read() as tx:
        house = warehouses.main(tx)
    assert (house.id, house.code, house.cutoff_hour) == (room.home, "MAIN", 14)
