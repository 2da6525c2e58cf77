"""How far pickers walk: lists in no order, in S-shape, shortest; and orders on carts."""

import random
import time
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean
from typing import Any

from storekeep.doors.cli.bench import machine
from storekeep.doors.cli.bench.machine import BenchFailed
from storekeep.shop.fulfillment.walk import Bay, Layout, ToPick, cluster, walks
from storekeep.shop.fulfillment.walk.aisles import shortest
from storekeep.shop.fulfillment.walk.carts import Cart, loaded
from storekeep.shop.fulfillment.walk.tour import exact, s_shape, tour_mm

SEED = 5
#: Pitches in mm of a hall with shelves on either side of an aisle; one bin a bay.
HALLS = {
    "1,000 bins: 20 aisles of 50": Layout(20, 50, 3_500, 1_200, 1_500),
    "300 bins: 10 aisles of 30": Layout(10, 30, 3_500, 1_200, 1_500),
}
STOPS = (5, 10, 20, 40, 80)
#: Stops of a small list, and how many lists of them are solved exactly: twelve stops take a good part of a second each.
SMALL = ((4, 200), (6, 200), (8, 200), (10, 100), (12, 20))
CART_ORDERS = 240
TOTES = 12
MOST_LINES = 4


def measure(*, lists: int) -> dict[str, Any]:
    """Walk `lists` random lists of each size in each hall; metres, milliseconds and gaps."""
    return {
        "seed": SEED,
        "lists": lists,
        "halls": {name: _hall(layout, lists) for name, layout in HALLS.items()},
        "machine": machine.described(),
    }


def _hall(layout: Layout, lists: int) -> dict[str, Any]:
    rng = random.Random(SEED)  # noqa: S311  # pick lists for a benchmark, not secrets
    return {
        "lists": [_ways(layout, _drawn(rng, layout, stops, lists)) for stops in STOPS],
        "gaps": [_gap(layout, _drawn(rng, layout, stops, count)) for stops, count in SMALL],
        "carts": _carts(layout, rng),
    }


def _drawn(rng: random.Random, layout: Layout, stops: int, lists: int) -> list[list[Bay]]:
    """Lists of different bays, each bay as likely as the other."""
    hall = [Bay(aisle, bay) for aisle in range(layout.aisles) for bay in range(layout.bays)]
    return [rng.sample(hall, stops) for _ in range(lists)]


def _ways(layout: Layout, lists: Sequence[Sequence[Bay]]) -> dict[str, Any]:
    """Metres of each way to order the lists, and what thinking it took."""
    best, spent = _timed(layout, lists)
    return {
        "stops": len(lists[0]),
        "unsorted_m": _metres(tour_mm(bays, layout) for bays in lists),
        "s_shape_m": _metres(tour_mm(s_shape(bays, layout), layout) for bays in lists),
        "shortest_m": _metres(best),
        "shortest_ms": _mean_and_worst(spent),
    }


def _timed(layout: Layout, lists: Sequence[Sequence[Bay]]) -> tuple[list[int], list[float]]:
    """The length of each list's shortest tour in mm, and the milliseconds spent on each."""
    lengths, spent = [], []
    for bays in lists:
        begun = time.perf_counter()
        way = shortest(bays, layout)
        spent.append((time.perf_counter() - begun) * 1000)
        lengths.append(tour_mm(way, layout))
    return lengths, spent


def _gap(layout: Layout, lists: Sequence[Sequence[Bay]]) -> dict[str, Any]:
    """How much longer than the optimum of Held and Karp the S-shape is; the walks must be none."""
    best = [tour_mm(exact(bays, layout), layout) for bays in lists]
    if best != [way.mm for way in walks(lists, layout)]:
        raise BenchFailed("a walk that should be a shortest one is not")
    sorted_ways = [tour_mm(s_shape(bays, layout), layout) for bays in lists]
    return {
        "stops": len(lists[0]),
        "lists": len(lists),
        "exact_m": _metres(best),
        "s_shape_percent": round(100 * (sum(sorted_ways) / sum(best) - 1), 2),
        "shortest_optimal": len(lists),
    }


def _carts(layout: Layout, rng: random.Random) -> dict[str, Any]:
    orders = [
        ToPick(f"order-{n:03}", tuple(_drawn(rng, layout, rng.randint(1, MOST_LINES), 1)[0]))
        for n in range(CART_ORDERS)
    ]
    begun = time.perf_counter()
    near = cluster(orders, layout, TOTES)
    spent = time.perf_counter() - begun
    return {
        "orders": len(orders),
        "lines": sum(len(order.bays) for order in orders),
        "totes": TOTES,
        "cluster_ms": round(spent * 1000),
        "one by one": _per_line(loaded([[order] for order in orders], layout)),
        "as they come": _per_line(loaded([orders[at : at + TOTES] for at in range(0, len(orders), TOTES)], layout)),
        "near aisles": _per_line(near),
    }


def _per_line(carts: Sequence[Cart]) -> dict[str, float]:
    lines = sum(cart.lines for cart in carts)
    orders = sum(len(cart.orders) for cart in carts)
    s_shape_mm, mm = sum(cart.walk.s_shape_mm for cart in carts), sum(cart.walk.mm for cart in carts)
    return {
        "carts": len(carts),
        "s_shape_m_per_line": round(s_shape_mm / lines / 1000, 1),
        "shortest_m_per_line": round(mm / lines / 1000, 1),
        "shortest_m_per_order": round(mm / orders / 1000, 1),
    }


def _mean_and_worst(spent: Sequence[float]) -> dict[str, float]:
    return {"mean": round(mean(spent), 1), "worst": round(max(spent), 1)}


def _metres(lengths: Iterable[int]) -> int:
    return round(mean(lengths) / 1000)


def as_text(found: Mapping[str, Any]) -> str:
    """The report of `bench walk`."""
    lines = [f"walk  {found['lists']} random lists of each size, seed {found['seed']}; metres from depot to depot"]
    for name, hall in found["halls"].items():
        lines.append(f"  {name}")
        for run in hall["lists"]:
            lines.append(
                f"    {run['stops']:>2} stops   unsorted {run['unsorted_m']:>5} m   S-shape {run['s_shape_m']:>4}   "
                f"shortest {run['shortest_m']:>4} ({_ms(run['shortest_ms'])})"
            )
        for gap in hall["gaps"]:
            lines.append(
                f"    {gap['stops']:>2} stops   above the optimum: S-shape {gap['s_shape_percent']:.1f} %, shortest "
                f"none ({gap['shortest_optimal']} of {gap['lists']} lists)"
            )
        lines += _carts_text(hall["carts"])
    box = found["machine"]
    return "\n".join(
        [*lines, f"  on {box['cores']} cores ({box['cpu']}), Python {box['python']}, load {box['load']:.1f}"]
    )


def _ms(spent: Mapping[str, float]) -> str:
    return f"{spent['mean']} ms mean, {spent['worst']} worst"


def _carts_text(carts: Mapping[str, Any]) -> list[str]:
    told = [f"    {carts['orders']} orders of 1 to {MOST_LINES} lines, carts of {carts['totes']} totes "
            f"(put together in {carts['cluster_ms']} ms)"]  # fmt: skip
    for way in ("one by one", "as they come", "near aisles"):
        run = carts[way]
        told.append(
            f"      {way:12} {run['carts']:>4} walks   {run['s_shape_m_per_line']:>5} m per line in S-shape   "
            f"{run['shortest_m_per_line']:>5} shortest   {run['shortest_m_per_order']:>6} m per order"
        )
    return told
