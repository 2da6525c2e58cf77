"""How well and how quickly orders are packed into cartons, beside py3dbp when it is installed.

py3dbp is given the same cartons in the same order of price, without those that volume, weight or a single side rules
out, and stops at the first that holds all; so it is quicker here than when it is handed all cartons at once.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from statistics import mean, median
from typing import Any

from storekeep.doors.cli.bench import machine, parcels
from storekeep.shop.shipping.cartonization import CartonType, Item, Packable, Rules, plan

SEED = 7
SMALL_MM = 200
#: What one way of packing says of an order: the cartons it takes. An empty list means that it found no way.
Packer = Callable[[Packable], list[CartonType]]


def measure(data: Path | None, *, orders: int) -> dict[str, Any]:
    """Pack the orders of a data folder (or invented ones) and `orders` drawn ones of each size; all figures."""
    cartons = parcels.carton_types()
    items = parcels.real_items(data) if data else parcels.invented_items(SEED)
    groups = {"as ordered": parcels.real_orders(data)} if data else {}
    small = [item for item in items if max(item.length_mm, item.width_mm, item.height_mm) <= SMALL_MM]
    few = max(20, orders // 10)
    for name, pool, count, units in (
        ("2 to 5 units", items, orders, (2, 5)),
        ("6 to 10 units", items, orders, (6, 10)),
        ("20 units", items, few, (20, 20)),
        ("60 units", items, few, (60, 60)),
        (f"60 units, no side above {SMALL_MM} mm", small, few, (60, 60)),
    ):
        groups[f"drawn, {name}"] = parcels.drawn_orders(pool, cartons, SEED, count, units)
    rules = Rules()
    peer = _py3dbp(cartons, rules)
    return {
        "sizes": "Olist products" if data else "invented; no --data given, so these are NOT real parcels",
        "seed": SEED,
        "carton_types": len(cartons),
        "py3dbp": bool(peer),
        "groups": {name: _compare(group, cartons, _ours(cartons, rules), peer) for name, group in groups.items()},
        "machine": machine.described(),
    }


def _compare(orders: Sequence[Packable], cartons: Sequence[CartonType], ours: Packer, peer: Packer | None) -> Any:
    """Both ways on the same orders: those that travel wholly in cartons, and apart those that both put into one."""
    boxed = [order for order in orders if all(_is_whole(item) and _any(item, cartons) for item in order.items)]
    ways = {"storekeep": ours} | ({"py3dbp": peer} if peer else {})
    taken: dict[str, list[list[CartonType]]] = {}
    found: dict[str, Any] = {"orders": len(orders), "in_cartons": len(boxed)}
    for name, way in ways.items():
        taken[name], spent = _timed(way, boxed)
        found[name] = {**_milliseconds(spent), "cartons": sum(map(len, taken[name])), "box_l": _litres(taken[name])}
    in_one = [n for n in range(len(boxed)) if all(len(each[n]) == 1 for each in taken.values())]
    found["in_one"] = {"orders": len(in_one), "bound_l": _litres([[_bound(boxed[n], cartons)] for n in in_one])}
    for name, each in taken.items():
        found["in_one"][name] = _litres([each[n] for n in in_one])
    return found


def _timed(way: Packer, orders: Sequence[Packable]) -> tuple[list[list[CartonType]], list[float]]:
    taken, spent = [], []
    for order in orders:
        begun = time.perf_counter()
        taken.append(way(order))
        spent.append(time.perf_counter() - begun)
    return taken, spent


def _milliseconds(spent: Sequence[float]) -> dict[str, float]:
    ranked = sorted(each * 1000 for each in spent)
    p99 = ranked[min(len(ranked) - 1, len(ranked) * 99 // 100)]
    return {"median_ms": round(median(ranked), 2), "mean_ms": round(mean(ranked), 2), "p99_ms": round(p99, 1),
            "worst_ms": round(ranked[-1], 1)}  # fmt: skip


def _litres(taken: Sequence[Sequence[CartonType]]) -> int:
    return round(sum(carton.volume_mm3 for cartons in taken for carton in cartons) / 1_000_000)


def _is_whole(item: Item) -> bool:
    return min(item.length_mm, item.width_mm, item.height_mm, item.weight_g) > 0


def _any(item: Item, cartons: Sequence[CartonType]) -> bool:
    return any(parcels.fits(item, carton) for carton in cartons)


def _bound(order: Packable, cartons: Sequence[CartonType]) -> CartonType:
    """The smallest carton that volume, weight and single sides do not rule out; no packing can use a smaller one."""
    return min(parcels.possible(order.items, cartons), key=lambda carton: carton.volume_mm3)


def _ours(cartons: Sequence[CartonType], rules: Rules) -> Packer:
    def pack(order: Packable) -> list[CartonType]:
        return [each.carton for each in plan([order], cartons, rules)[0].cartons if each.carton]

    return pack


def _py3dbp(cartons: Sequence[CartonType], rules: Rules) -> Packer | None:
    """The same choice made with py3dbp; an order that no carton holds fills the largest and goes on with the rest."""
    try:
        peer: Any = import_module("py3dbp")
    except ImportError:
        return None
    largest = max(cartons, key=lambda carton: carton.volume_mm3)

    def filled(units: Sequence[Item], carton: CartonType) -> list[Item]:
        """The units left over."""
        packer = peer.Packer()
        box = peer.Bin(carton.code, carton.length_mm, carton.width_mm, carton.height_mm,
                       carton.max_weight_g - carton.tare_g)  # fmt: skip
        packer.add_bin(box)
        for n, item in enumerate(units):
            packer.add_item(peer.Item(n, item.length_mm, item.width_mm, item.height_mm, item.weight_g))
        packer.pack(bigger_first=True)
        return [units[item.name] for item in box.unfitted_items]

    def price(carton: CartonType, weight: int) -> tuple[int, int, int]:
        return max(weight + carton.tare_g, rules.volumetric_g(carton.outer_mm)), carton.cost_minor, carton.volume_mm3

    def single(units: Sequence[Item]) -> CartonType | None:
        weight = sum(item.weight_g for item in units)
        ranked = sorted(parcels.possible(units, cartons), key=lambda carton: price(carton, weight))
        return next((carton for carton in ranked if not filled(units, carton)), None)

    def pack(order: Packable) -> list[CartonType]:
        units = [Item(item.id, item.length_mm, item.width_mm, item.height_mm, item.weight_g)
                 for item in order.items for _ in range(item.qty)]  # fmt: skip
        used: list[CartonType] = []
        while units:
            if last := single(units):
                return [*used, last]
            rest = filled(units, largest)
            if len(rest) == len(units):
                return []
            used.append(largest)
            units = rest
        return used

    return pack


def as_text(found: Mapping[str, Any]) -> str:
    """The report of `bench cartons`."""
    lines = [f"cartons  {found['carton_types']} carton types; sizes: {found['sizes']}; seed {found['seed']}"]
    if not found["py3dbp"]:
        lines.append("  NOT COMPARED: py3dbp cannot be imported here (pip install py3dbp==1.1.2)")
    for name, group in found["groups"].items():
        lines.append(f"  {name}: {group['orders']} orders, {group['in_cartons']} of them wholly in cartons")
        for way in ("storekeep", "py3dbp"):
            if way in group:
                figures = group[way]
                lines.append(
                    f"    {way:10} {figures['median_ms']:>7.2f} ms median {figures['mean_ms']:>7.2f} mean "
                    f"{figures['p99_ms']:>7.1f} p99 {figures['worst_ms']:>7.1f} worst   "
                    f"{figures['cartons']:>5} cartons {figures['box_l']:>7,} l"
                )
        one = group["in_one"]
        both = ", ".join(f"{way} {one[way]:,} l" for way in ("storekeep", "py3dbp") if way in one)
        less = f" ({one['storekeep'] / one['py3dbp'] - 1:+.1%})" if one.get("py3dbp") else ""
        lines.append(f"    in one carton each: {one['orders']} orders, {both}{less}; bound {one['bound_l']:,} l")
    box = found["machine"]
    return "\n".join(
        [*lines, f"  on {box['cores']} cores ({box['cpu']}), Python {box['python']}, load {box['load']:.1f}"]
    )
