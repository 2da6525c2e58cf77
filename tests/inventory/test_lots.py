"""Lots: received with their expiry, promised by FEFO, and never sold when they are not good."""

from typing import Any

import pytest
import sqlalchemy as sa
from stockroom import Sale, Stockroom, check_books

from storekeep.kernel.clock import DAY
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.catalog.tables import variant
from storekeep.shop.inventory import adjusting, correcting, locations, lot_status, lots, moves, picking, receiving
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.errors import LotNotGood, UnknownLot
from storekeep.shop.inventory.model import Firmed, PickRequest, PutawayLine, ReceiveLine, ShipLine, Step
from storekeep.shop.inventory.tables import lot, stock_move

TEA = "TEA"


class LotRoom(Stockroom):
    """A stockroom with tea that tracks lots and must last 30 days when it is sent."""

    def __init__(self, db: Database, *, least: int = 30, life: int | None = None) -> None:
        super().__init__(db, ("MUG", TEA))
        with db.begin() as tx:
            values = {"tracking": "lot", "min_days_at_ship": least, "shelf_life_days": life}
            tx.run(sa.update(variant).where(variant.c.sku == TEA).values(values))

    def get(self, code: str | None, day: str | None, qty: int, bin_code: str | None = "A-1", name: str = TEA) -> str:
        """Receive units of a lot; its id."""
        command = self.command()
        with self.db.begin("staff:receiver") as tx:
            at = self.bins[bin_code] if bin_code else None
            line = ReceiveLine(self.variants[name], qty, 100, at, code, day, "Tea house")
            return str(receiving.receive(tx, [line], self.home, command, "delivery")[0].lot_id)

    def lot(self, lot_id: str) -> lots.Lot:
        with self.db.read() as tx:
            return lots.load(tx, [lot_id])[lot_id]

    def stops(self, sale: Sale) -> list[tuple[str, str, int]]:
        with self.db.read() as tx:
            codes = {row.id: row.code for row in tx.rows(sa.select(lot.c.id, lot.c.code))}
            found = picking.bins.assignments_of(tx, [sale.line_id])
        return sorted((each.location_code, codes[each.lot_id or ""], each.qty) for each in found)


@pytest.fixture
def tea(db: Database) -> Any:
    yield LotRoom(db)
    check_books(db)


def test_the_earliest_expiry_goes_first_whatever_the_walk_says(tea: LotRoom) -> None:
    tea.get("late", "2027-08-31", 5, "A-1")
    tea.get("soon", "2027-03-31", 3, "B-1")
    tea.get("soon", "2027-03-31", 1, "A-2")
    tea.get("keeps", None, 4, "A-1")
    assert tea.stops(tea.sell(TEA, 2)) == [("B-1", "SOON", 2)]
    assert tea.stops(tea.sell(TEA, 4)) == [("A-1", "LATE", 2), ("A-2", "SOON", 1), ("B-1", "SOON", 1)]
    assert tea.stops(tea.sell(TEA, 7)) == [("A-1", "KEEPS", 4), ("A-1", "LATE", 3)]


def test_without_dates_what_came_first_goes_first(tea: LotRoom, db: Database) -> None:
    tea.get("b", None, 2, "B-1")
    db.clock.sleep(DAY)
    tea.get("a", None, 2, "A-1")
    assert tea.stops(tea.sell(TEA, 3)) == [("A-1", "A", 1), ("B-1", "B", 2)]


def test_a_lot_with_too_few_days_left_is_not_given_to_a_picker(tea: LotRoom, db: Database) -> None:
    first = tea.get("first", "2027-01-10", 2)
    tea.get("second", "2027-06-30", 2, "A-2")
    db.clock.sleep(25 * DAY)  # 23 November and 25 days: 23 are left, 30 are asked for, and the chore has not run
    sale = tea.sell(TEA, 2)
    assert tea.stops(sale) == [("A-2", "SECOND", 2)]
    with db.begin() as tx:
        assert lot_status.due(tx, "2026-12-11", 10) == lot_status.Due((), ())
        assert lot_status.due(tx, "2026-12-18", 10) == lot_status.Due((), ((first, 30),))
        assert lot_status.due(tx, "2027-01-10", 10) == lot_status.Due((), ((first, 30),))
        assert lot_status.due(tx, "2027-01-11", 10) == lot_status.Due((first,), ())


def test_what_is_on_hold_is_not_on_hand_and_its_buyers_get_other_units_or_give_way(tea: LotRoom, db: Database) -> None:
    held = tea.get("held", "2027-03-31", 5, "A-1")
    tea.get("good", "2027-06-30", 3, "A-2")
    tea.get("held", None, 2, None)  # in receiving: on hand for nobody, whatever its lot
    sale, late = tea.sell(TEA, 3), tea.sell(TEA, 4)
    with db.begin("staff:lead") as tx:
        gone = lot_status.quarantine(tx, [held], "smells of soap")
    assert tea.numbers(TEA) == (3, 3)
    # Whoever stood at a good lot keeps it; of those who lost their bin the youngest gives way first.
    assert [(each.order_line_id, each.qty) for each in gone] == [(late.order_line_id, 2), (sale.order_line_id, 2)]
    assert (tea.stops(sale), tea.stops(late)) == ([("A-2", "GOOD", 1)], [("A-2", "GOOD", 2)])
    with db.begin("staff:lead") as tx:
        assert lot_status.quarantine(tx, [held], "again") == ()
    assert tea.lot(held).status_reason == "smells of soap"
    with db.begin("staff:lead") as tx:
        receiving.putaway(tx, [PutawayLine(tea.variants[TEA], 2, tea.bins["B-1"])], tea.home, "put")
    assert tea.numbers(TEA) == (3, 3)
    with db.begin("staff:lead") as tx:
        lot_status.release(tx, held, "it was the shelf")
    assert tea.numbers(TEA) == (10, 3)


def test_a_recall_is_for_good(tea: LotRoom, db: Database) -> None:
    one = tea.get("one", "2027-03-31", 5)
    with db.begin() as tx:
        lot_status.recall(tx, one, "glass")
    assert tea.numbers(TEA) == (0, 0)
    with db.begin() as tx:
        assert lot_status.recall(tx, one, "glass") == ()
    with pytest.raises(Conflict, match="lot ONE is recalled"), db.begin() as tx:
        lot_status.release(tx, one, "never mind")
    with pytest.raises(LotNotGood, match="do not take it in"):
        tea.get("one", None, 5)


def test_a_hold_ends_only_with_enough_days_left(tea: LotRoom, db: Database) -> None:
    one = tea.get("one", "2026-12-10", 5)
    assert (tea.lot(one).status, tea.numbers(TEA)) == ("quarantined", (0, 0))
    with pytest.raises(Conflict, match="must last until 2026-12-23"), db.begin() as tx:
        lot_status.release(tx, one, "sold as it is")


@pytest.mark.parametrize(
    ("code", "day", "said"),
    [
        ("X", "2026-11-22", "expired on 2026-11-22, before it arrived"),
        ("X", "2027-02-31", "not a day"),
        ("X", "31/02", "write it like 2027-03-31"),
        ("X", "20270331", "not a day"),
        ("", "2027-03-31", "say which lot"),
        ("a lot", "2027-03-31", "no blanks"),
        ("X", None, "its lots need their expiry"),
        ("X", "2028-01-01", "no lot of it lasts beyond 2027-11-23"),
        ("KNOWN", "2027-04-01", "lot KNOWN of TEA expires on 2027-03-31; 2027-04-01 cannot be right as well"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_booked(
    db: Database, code: str, day: str | None, said: str
) -> None:
    room = LotRoom(db, life=365)
    room.get("known", "2027-03-31", 1)
    with pytest.raises(Invalid, match=said):
        room.get(code, day, 5)
    assert room.numbers(TEA) == (1, 0)
    check_books(db)


def test_a_variant_without_lots_takes_none(tea: LotRoom) -> None:
    with pytest.raises(Invalid, match="MUG does not track lots"):
        tea.get("X", "2027-03-31", 5, name="MUG")


def test_a_repeated_delivery_answers_even_when_its_day_has_passed(tea: LotRoom, db: Database) -> None:
    line = ReceiveLine(tea.variants[TEA], 2, 100, tea.bins["A-1"], "one", "2027-03-31")
    with db.begin() as tx:
        first = receiving.receive(tx, [line, line], tea.home, "twice", "delivery")
    db.clock.sleep(400 * DAY)
    with db.begin() as tx:
        assert receiving.receive(tx, [line, line], tea.home, "twice", "delivery") == first
    assert first[0].lot_id == first[1].lot_id


def test_a_correction_names_its_lot_when_several_lie_there(tea: LotRoom, db: Database) -> None:
    one, _ = tea.get("one", "2027-03-31", 5), tea.get("two", "2027-06-30", 5)
    at, goods = tea.bins["A-1"], tea.variants[TEA]
    for act in (
        lambda tx: correcting.correct(tx, [Correction(goods, at, -1, "counted", "a", expected_qty=10)]),
        lambda tx: adjusting.scrap(tx, goods, at, 1, "wet", "b"),
        lambda tx: adjusting.transfer(tx, [(goods, at, tea.bins["A-2"], 1)], "c"),
    ):
        with pytest.raises(Invalid, match=r"several lots \(ONE, TWO\)"), db.begin() as tx:
            act(tx)
    with db.begin() as tx:
        fewer = Correction(goods, at, -1, "counted", "a", expected_qty=5, lot_id=one)
        assert correcting.correct(tx, [fewer]).moves[0].lot_id == one
        assert adjusting.scrap(tx, goods, at, 1, "wet", "b", lot_id=one).move.lot_id == one
        assert adjusting.transfer(tx, [Step(goods, at, tea.bins["A-2"], 3, one)], "c")[0].lot_id == one
        more = Correction(goods, tea.bins["A-2"], 1, "found", "d", expected_qty=3)
        assert correcting.correct(tx, [more]).moves[0].lot_id == one
    with pytest.raises(Invalid, match="say which lot"), db.begin() as tx:
        correcting.correct(tx, [Correction(goods, tea.bins["B-1"], 1, "found", "e", expected_qty=0)])
    with pytest.raises(Invalid, match="another variant"), db.begin() as tx:
        correcting.correct(tx, [Correction(tea.variants["MUG"], at, 1, "found", "f", lot_id=one)])


def test_units_of_two_lots_are_picked_and_sent_as_two_moves(tea: LotRoom, db: Database) -> None:
    one, two = tea.get("one", "2027-03-31", 2), tea.get("two", "2027-06-30", 5)
    sale = tea.sell(TEA, 3)
    with db.begin() as tx:
        picked = picking.pick(tx, [PickRequest(sale.line_id, tea.bins["A-1"], 3, "p")])
        assert {(move.lot_id, move.qty) for move in picked} == {(one, 2), (two, 1)}
        assert picking.pick(tx, [PickRequest(sale.line_id, tea.bins["A-1"], 3, "p")]) == picked
        line = ShipLine(sale.line_id, sale.order_line_id, sale.variant_id, 3)
        gone = picking.ship(tx, [line], tea.home, tea.id(), "s")
    assert sorted((each.qty, each.value_minor) for each in gone) == [(1, 100), (2, 200)]
    with db.read() as tx:
        left = tx.rows(sa.select(stock_move.c.lot_id, stock_move.c.qty).where(stock_move.c.kind == "ship"))
    assert sorted(map(tuple, left)) == sorted([(one, 2), (two, 1)])


def test_a_pick_of_a_lot_that_is_not_good_any_more_cannot_be_undone_into_its_bin(tea: LotRoom, db: Database) -> None:
    one = tea.get("one", "2027-03-31", 2)
    sale = tea.sell(TEA, 2)
    tea.pick(sale, "A-1", 2)
    with db.begin() as tx:
        lot_status.quarantine(tx, [one], "smells")
    with pytest.raises(LotNotGood, match="leave it at the pack station"), db.begin() as tx:
        picking.unpick(tx, [PickRequest(sale.line_id, tea.bins["A-1"], 2, "u")])
    with db.begin() as tx:
        taken, lost = lot_status.withdraw(tx, {one: "lot ONE is on hold"}, "w")
    assert [(each.qty, each.again) for each in taken] == [(2, 0)]
    assert [each.qty for each in lost] == [2]
    assert tea.units_in(TEA, "MAIN-QUARANTINE") == 2


def test_blocking_a_bin_and_using_it_again_counts_good_lots_alone(tea: LotRoom, db: Database) -> None:
    one, _ = tea.get("one", "2027-03-31", 2), tea.get("two", "2027-06-30", 5)
    with db.begin() as tx:
        lot_status.quarantine(tx, [one], "smells")
        locations.set_status(tx, tea.bins["A-1"], "blocked", "leak")
    assert tea.numbers(TEA) == (0, 0)
    with db.begin() as tx:
        locations.set_status(tx, tea.bins["A-1"], "active", "dry")
    assert tea.numbers(TEA) == (5, 0)


def test_a_lot_that_does_not_exist_moves_nothing(tea: LotRoom, db: Database) -> None:
    tea.get("one", "2027-03-31", 2)
    with pytest.raises(UnknownLot), db.begin() as tx:
        correcting.correct(tx, [Correction(tea.variants[TEA], tea.bins["A-1"], 1, "found", "b", lot_id=tea.id())])
    with pytest.raises(UnknownLot, match="no lot nine"), db.read() as tx:
        lots.by_code(tx, tea.variants[TEA], "nine")


def test_goods_without_lots_ask_nothing_about_lots(db: Database) -> None:
    room = Stockroom(db)
    said: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    room.stock("MUG", 5)
    sale = room.sell("MUG", 2)
    room.pick(sale, "A-1", 2)
    with db.begin() as tx:
        moves.of_commands(tx, ["x"])
    asked = [one for one in said if "FROM lot " in one or "UPDATE lot " in one or "INTO lot " in one]
    assert asked == [], "the lots of goods that have none cost no statement"
    assert isinstance(room.firm(None, room.id(), {room.id(): ("MUG", 1)}), Firmed)
