"""How far a picker walks: halls small enough to pace out by hand, and what holds for every list."""

from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeep.shop.fulfillment.walk import Bay, Layout, ToPick, cluster, walks
from storekeep.shop.fulfillment.walk.aisles import shortest
from storekeep.shop.fulfillment.walk.carts import loaded
from storekeep.shop.fulfillment.walk.tour import EXACT_STOPS, exact, s_shape, tour_mm

#: Three aisles of four bays: bays lie 1, 2, 3 and 4 m deep, the back cross aisle at 5 m, aisles 3 m apart.
HALL = Layout(3, 4, 3_000, 1_000, 1_000)


@st.composite
def halls(draw: st.DrawFn) -> Layout:
    aisles = draw(st.integers(1, 6))
    return Layout(
        aisles,
        bays=draw(st.integers(1, 9)),
        aisle_pitch_mm=draw(st.integers(1, 5_000)),
        bay_pitch_mm=draw(st.integers(1, 2_000)),
        cross_mm=draw(st.sampled_from([0, 1, 1_500])),
        depot_aisle=draw(st.integers(0, aisles - 1)),
    )


layouts = halls()


@st.composite
def halls_and_lists(draw: st.DrawFn, most: int) -> tuple[Layout, list[Bay]]:
    hall = draw(layouts)
    bay = st.builds(Bay, st.integers(0, hall.aisles - 1), st.integers(0, hall.bays - 1))
    return hall, draw(st.lists(bay, max_size=most))


def test_between_aisles_one_walks_by_the_nearer_end() -> None:
    assert HALL.depth_mm == 5_000
    assert HALL.distance_mm(Bay(0, 0), Bay(0, 3)) == 3_000
    assert HALL.distance_mm(Bay(0, 0), Bay(1, 0)) == 1_000 + 3_000 + 1_000, "round the front"
    assert HALL.distance_mm(Bay(0, 3), Bay(2, 2)) == 1_000 + 6_000 + 2_000, "round the back"
    assert HALL.distance_mm(Bay(1, 2), Bay(1, 2)) == 0
    assert HALL.from_depot_mm(Bay(2, 1)) == 6_000 + 2_000
    assert HALL.from_depot_mm(Bay(2, 3)) == 6_000 + 4_000
    assert Layout(3, 4, 3_000, 1_000, 1_000, depot_aisle=2).from_depot_mm(Bay(2, 3)) == 4_000


def test_the_walk_sequence_turns_at_every_second_aisle() -> None:
    ways = sorted((Bay(aisle, bay) for aisle in range(3) for bay in range(4)), key=HALL.walk_sequence)
    assert ways == [*(Bay(0, n) for n in range(4)), *(Bay(1, 3 - n) for n in range(4)), *(Bay(2, n) for n in range(4))]
    assert [HALL.walk_sequence(bay) for bay in ways] == list(range(12))


def test_a_walk_is_measured_as_paced_out() -> None:
    stops = [Bay(0, 3), Bay(1, 3), Bay(1, 0)]
    assert tour_mm(stops, HALL) == 4_000 + (1_000 + 3_000 + 1_000) + 3_000 + (1_000 + 3_000)
    assert tour_mm([], HALL) == 0
    assert tour_mm([Bay(0, 0)], HALL) == 2_000


def test_two_bays_at_the_front_are_not_walked_round_the_back() -> None:
    near = [Bay(1, 0), Bay(2, 0), Bay(1, 1)]
    (way,) = walks([near], HALL)
    assert way.mm == 2 * 6_000 + 2 * 2_000 + 2 * 1_000, "to the farthest aisle and back, 2 m and 1 m in and out"
    assert way.saved_mm == way.s_shape_mm - way.mm >= 0


def test_the_s_shape_can_be_far_from_the_best() -> None:
    fronts = [Bay(aisle, 0 if aisle % 2 == 0 else 1) for aisle in range(3)] + [Bay(1, 0)]
    (way,) = walks([fronts], HALL)
    assert way.mm == tour_mm(exact(fronts, HALL), HALL) == 2 * 6_000 + 2 * (1_000 + 2_000 + 1_000)


def test_lines_of_one_bay_are_picked_together() -> None:
    (way,) = walks([[Bay(0, 2), Bay(2, 0), Bay(0, 2)]], HALL)
    assert sorted(way.order) == [0, 1, 2]
    at = {index: place for place, index in enumerate(way.order)}
    assert abs(at[0] - at[2]) == 1


@settings(max_examples=200, deadline=None)
@given(halls_and_lists(25))
def test_a_tour_visits_every_line_once_and_is_never_longer_than_the_s_shape(drawn: tuple[Layout, list[Bay]]) -> None:
    hall, bays = drawn
    (way,) = walks([bays], hall)
    assert sorted(way.order) == list(range(len(bays)))
    assert way.mm == tour_mm([bays[n] for n in way.order], hall)
    assert way.s_shape_mm == tour_mm(sorted(bays, key=hall.walk_sequence), hall)
    assert way.mm <= way.s_shape_mm


@settings(max_examples=80, deadline=None)
@given(halls_and_lists(7))
def test_exact_orders_are_the_shortest_of_all(drawn: tuple[Layout, list[Bay]]) -> None:
    hall, bays = drawn
    best = exact(bays, hall)
    assert sorted(best) == sorted(set(bays))
    least = min(tour_mm(way, hall) for way in permutations(set(bays)))
    assert tour_mm(best, hall) == tour_mm(shortest(bays, hall), hall) == least


@settings(max_examples=150, deadline=None)
@given(halls_and_lists(10))
def test_aisle_by_aisle_one_finds_the_optimum_of_held_and_karp(drawn: tuple[Layout, list[Bay]]) -> None:
    hall, bays = drawn
    assert tour_mm(shortest(bays, hall), hall) == tour_mm(exact(bays, hall), hall)


def test_the_shortest_walk_saves_a_tenth_of_the_s_shape() -> None:
    hall, chance = Layout(10, 30, 3_500, 1_200, 1_500), Random(3)
    lists = [[Bay(chance.randrange(10), chance.randrange(30)) for _ in range(20)] for _ in range(30)]
    least = sum(tour_mm(shortest(bays, hall), hall) for bays in lists)
    assert sum(tour_mm(s_shape(bays, hall), hall) for bays in lists) > least * 1_100 // 1_000


@settings(max_examples=80, deadline=None)
@given(halls_and_lists(12))
def test_distances_are_symmetric_and_no_detour_is_shorter(drawn: tuple[Layout, list[Bay]]) -> None:
    hall, bays = drawn
    for a in bays[:5]:
        for b in bays[:5]:
            assert hall.distance_mm(a, b) == hall.distance_mm(b, a)
            assert (hall.distance_mm(a, b) == 0) == (a == b)
            assert all(hall.distance_mm(a, b) <= hall.distance_mm(a, c) + hall.distance_mm(c, b) for c in bays)


def test_a_long_list_is_walked_the_shortest_way_and_not_solved_order_by_order() -> None:
    hall = Layout(20, 50, 3_000, 1_000, 1_000)
    bays = [Bay(n * 7 % 20, n * 11 % 50) for n in range(41)]
    assert len(set(bays)) == 41
    assert tour_mm(shortest(bays, hall), hall) < tour_mm(s_shape(bays, hall), hall)
    with pytest.raises(ValueError):
        exact(bays[: EXACT_STOPS + 1], hall)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Layout(0, 4, 1, 1, 0),
        lambda: Layout(3, 4, 1, 1, -1),
        lambda: Layout(3, 4, 1, 1, 0, depot_aisle=3),
        lambda: HALL.distance_mm(Bay(0, 0), Bay(3, 0)),
        lambda: HALL.walk_sequence(Bay(0, 4)),
        lambda: cluster([], HALL, 0),
        lambda: cluster([ToPick("a", ()), ToPick("a", ())], HALL, 2),
    ],
)
def test_what_is_not_in_the_hall_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError):
        wrong()  # type: ignore[operator]


def test_orders_of_one_aisle_share_a_cart() -> None:
    orders = [
        ToPick("a", (Bay(0, 0),)),
        ToPick("b", (Bay(2, 3),)),
        ToPick("c", (Bay(0, 2),)),
        ToPick("d", (Bay(2, 0),)),
    ]
    made = cluster(orders, HALL, 2)
    assert [[order.order_id for order in cart.orders] for cart in made] == [["b", "d"], ["a", "c"]]
    assert [cart.walk.mm for cart in made] == [2 * 6_000 + 2 * 4_000, 2 * 3_000]
    as_they_come = loaded([orders[:2], orders[2:]], HALL)
    assert sum(cart.walk.mm for cart in made) < sum(cart.walk.mm for cart in as_they_come)


@settings(max_examples=80, deadline=None)
@given(layouts, st.data(), st.integers(1, 6))
def test_every_order_is_on_one_cart_whatever_the_sequence(hall: Layout, data: st.DataObject, totes: int) -> None:
    bay = st.builds(Bay, st.integers(0, hall.aisles - 1), st.integers(0, hall.bays - 1))
    drawn = data.draw(st.lists(st.lists(bay, max_size=4), max_size=14))
    orders = [ToPick(f"o{n:02}", tuple(bays)) for n, bays in enumerate(drawn)]
    made = cluster(orders, hall, totes)
    assert sorted(order.order_id for cart in made for order in cart.orders) == [order.order_id for order in orders]
    assert len(made) == -(-len(orders) // totes)
    assert all(len(cart.orders) <= totes for cart in made)
    for cart in made:
        bays = [bay for order in cart.orders for bay in order.bays]
        assert cart.lines == len(bays)
        assert cart.walk.mm == tour_mm([bays[n] for n in cart.walk.order], hall)
    assert cluster(data.draw(st.permutations(orders)), hall, totes) == made
