"""What the pack station says about boxes: the suggested one with its drawing, the others, and the expected weight."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from storekeep.doors.console.pack.drawing import drawing
from storekeep.flows import boxing
from storekeep.flows.boxing import AS_SUGGESTED, Expected, Suggestion
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.shipping.cartonization import Packed

#: What the select says for a box that is none of the types.
OTHER = "other"
UNWEIGHED = "Empty: the weights of the goods and the box are added up, and nothing is checked."


@dataclass(frozen=True, slots=True)
class Drawn:
    """One suggested carton: its name, what is in it, how the units lie."""

    name: str
    about: str
    drawing: Markup


@dataclass(frozen=True, slots=True)
class Box:
    """Everything about boxes that the screen shows. `options` are (value, label) of the select."""

    code: str = ""
    cartons: tuple[Drawn, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    weight_hint: str = UNWEIGHED


def look(tx: Tx, work: Any, chosen: str) -> Box:
    """The boxes for a picked fulfillment; nothing for one that is in another status."""
    if work.status != "picked":
        return Box()
    found = boxing.suggest(tx, work.id)
    try:
        must = boxing.expected(tx, work.id, code_of(chosen or (AS_SUGGESTED if found.plan else OTHER)))
    except Invalid:
        must = boxing.expected(tx, work.id, None)
    options = [(each.code, f"{each.code}: {each.length_mm} × {each.width_mm} × {each.height_mm} mm")
               for each in found.cartons]  # fmt: skip
    options.append((OTHER, "Another box"))
    if found.plan is None:
        return Box(options=tuple(options), weight_hint=_hint(must))
    numbers = {item: n for n, item in enumerate(found.items, 1)}
    return Box(
        code=found.code.replace("+", " and "),
        cartons=tuple(_drawn(each, n, numbers) for n, each in enumerate(found.plan.cartons, 1)),
        legend=tuple(found.items.values()),
        warnings=_warnings(found),
        options=((AS_SUGGESTED, f"As suggested: {found.code}"), *options),
        weight_hint=_hint(must),
    )


def code_of(chosen: str) -> str | None:
    """The box that was chosen in the select, as the flow wants it."""
    return None if chosen in ("", OTHER) else chosen


def _drawn(packed: Packed, n: int, numbers: dict[str, int]) -> Drawn:
    carton = packed.carton
    units = f"{len(packed.placements)} unit{'s' if len(packed.placements) != 1 else ''}"
    if carton is None:
        art = drawing(packed, numbers, f"{units} in its own packing")
        return Drawn("Own packing", f"{units}, about {packed.gross_g:,} g", art)
    sides = f"{carton.length_mm} × {carton.width_mm} × {carton.height_mm} mm inside"
    label = f"Carton {n}, {carton.code}, with {units}"
    return Drawn(carton.code, f"{sides}, {units}, about {packed.gross_g:,} g", drawing(packed, numbers, label))


def _warnings(found: Suggestion) -> tuple[str, ...]:
    assert found.plan is not None
    said = []
    if guessed := sorted({found.items[item][0] for item, _ in found.plan.guessed}):
        said.append(f"Nobody has entered the size or weight of {', '.join(guessed)}; a usual one was assumed.")
    if found.plan.too_big:
        named = ", ".join(sorted({found.items[item][0] for item in found.plan.too_big}))
        said.append(f"No box holds {named}; it travels in its own packing.")
    if len(found.plan.cartons) > 1:
        said.append("It takes more than one box, and there is one label: tie the boxes together, or take a larger one.")
    return tuple(said)


def _hint(must: Expected) -> str:
    if not must.is_known:
        return f"{UNWEIGHED} Nobody has entered what {', '.join(must.unknown)} weighs, so it is not checked at all."
    said = f"{must.grams:,} g are expected, give or take {must.tolerance_g:,} g"
    if must.learned_from:
        said += f" (learned from {must.learned_from} parcels in this box)"
    blind = "" if must.sees_every_unit else " A light unit more or less would not show; trust the scans."
    return f"{said}. {UNWEIGHED}{blind}"
