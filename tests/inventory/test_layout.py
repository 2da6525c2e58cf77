"""Zones, what bins may hold, faces that are refilled from the reserve, and put-away that knows how much fits."""

import pytest
from stockroom import Stockroom

from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.inventory import adjusting, layout, putaway
from storekeep.shop.inventory.layout import BinFacts


def facts(room: Stockroom, code: str, **said: object) -> None:
    with room.db.begin(actor="owner") as tx:
        layout.set_facts(tx, room.bins[code], BinFacts(**said))  # type: ignore[arg-type]


def face(room: Stockroom, name: str, code: str, least: int, most: int) -> None:
    with room.db.begin(actor="owner") as tx:
        layout.set_face(tx, room.variants[name], room.bins[code], least, most)


def due(room: Stockroom) -> list[tuple[str, str, int]]:
    with room.db.read() as tx:
        return [(each.from_code, each.face_code, each.qty) for each in layout.refills(tx, room.home)]


def proposed(room: Stockroom, **units: int) -> dict[str, str]:
    with room.db.read() as tx:
        ids = {room.variants[name]: name for name in units}
        wanted = {room.variants[name]: qty for name, qty in units.items()}
        found = putaway.suggest(tx, room.home, list(ids), wanted)
    return {ids[variant_id]: place.code for variant_id, place in found.items()}


def test_a_face_below_its_least_is_refilled_up_to_its_most(room: Stockroom) -> None:
    room.stock("MUG", 3, "A-1")
    room.stock("MUG", 50, "B-1")
    facts(room, "B-1", role="bulk")
    face(room, "MUG", "A-1", 4, 10)
    assert due(room) == [("B-1", "A-1", 7)]
    with room.db.begin(actor="staff:hand") as tx:
        adjusting.transfer(tx, [(room.variants["MUG"], room.bins["B-1"], room.bins["A-1"], 7)], "refill")
    assert due(room) == []
    face(room, "MUG", "A-1", 0, 0)
    assert due(room) == []


def test_only_free_units_of_a_reserve_are_carried_and_two_faces_share_them(room: Stockroom) -> None:
    room.stock("MUG", 9, "B-1")
    facts(room, "B-1", role="bulk")
    face(room, "MUG", "A-1", 2, 5)
    face(room, "MUG", "A-2", 2, 8)
    assert due(room) == [("B-1", "A-1", 5), ("B-1", "A-2", 4)]
    room.sell("MUG", 7)
    assert due(room) == [("B-1", "A-1", 2)]


def test_pickers_go_to_the_reserve_last(room: Stockroom) -> None:
    room.stock("MUG", 20, "A-1")
    room.stock("MUG", 5, "B-1")
    facts(room, "A-1", role="bulk")
    sale = room.sell("MUG", 5)
    with room.db.read() as tx:
        from storekeep.shop.inventory import bins

        assert [each.location_code for each in bins.assignments_of(tx, [sale.line_id])] == ["B-1"]


def test_put_away_proposes_a_bin_with_room_by_units_weight_and_volume(room: Stockroom) -> None:
    room.stock("MUG", 10, "A-1")
    assert proposed(room, MUG=5) == {"MUG": "A-1"}
    facts(room, "A-1", max_units=12)
    assert proposed(room, MUG=2) == {"MUG": "A-1"}
    assert proposed(room, MUG=3) == {"MUG": "A-2"}
    facts(room, "A-2", max_weight_g=899)  # a mug weighs 300 g
    assert proposed(room, MUG=3) == {"MUG": "B-1"}
    facts(room, "B-1", max_volume_ml=2186)  # and fills 729 ml
    assert proposed(room, MUG=3) == {}
    facts(room, "B-1", max_volume_ml=2187)
    assert proposed(room, MUG=3) == {"MUG": "B-1"}


def test_two_that_arrive_together_do_not_share_the_same_room(room: Stockroom) -> None:
    room.stock("MUG", 1, "A-1")
    room.stock("BOWL", 1, "A-1")
    facts(room, "A-1", max_units=10)
    assert proposed(room, MUG=6, BOWL=6) == {"MUG": "A-1", "BOWL": "A-2"}
    facts(room, "A-2", one_variant=True)
    room.stock("PLATE", 1, "A-2")
    assert proposed(room, MUG=6, BOWL=6) == {"MUG": "A-1", "BOWL": "B-1"}


def test_what_makes_no_sense_is_refused(room: Stockroom) -> None:
    other, _ = room.open("OTHER", {"O-1": 1})
    with room.db.begin(actor="owner") as tx:
        elsewhere = layout.add_zone(tx, other, "cold", "Cold room")
        mine = layout.add_zone(tx, room.home, "cold", "Cold room")
        with pytest.raises(Conflict):
            layout.add_zone(tx, room.home, "COLD ", "Again")
        with pytest.raises(Invalid):
            layout.add_zone(tx, room.home, "", "No code")
        for said in ({"role": "shelf"}, {"max_units": 0}, {"max_weight_g": -1}, {"zone_id": elsewhere}):
            with pytest.raises(Invalid):
                layout.set_facts(tx, room.bins["A-1"], BinFacts(**said))  # type: ignore[arg-type]
        layout.set_facts(tx, room.bins["A-1"], BinFacts(zone_id=mine))
        for least, most in ((3, 2), (-1, 5), (0, 5), (1, 10**12)):
            with pytest.raises(Invalid):
                layout.set_face(tx, room.variants["MUG"], room.bins["A-1"], least, most)
