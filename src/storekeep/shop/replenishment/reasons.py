"""Why a quantity is what it is, in sentences that a buyer can check: every number of the inputs, and the rounding."""

from storekeep.shop.replenishment.model import E3, E6, Inputs
from storekeep.shop.replenishment.policy import Proposal

_WANTED = {"fill": "of the units that are wanted", "no_stock_out": "of the weeks without an empty shelf"}


def told(inputs: Inputs, found: Proposal) -> tuple[str, ...]:
    """The sentences for one suggestion, from demand to the ordered units."""
    lines = [*(_typed(inputs) if inputs.method == "min_max" else _learned(inputs)), _position(inputs)]
    if inputs.bounded != inputs.up_to:
        lines.append(f"The policy bounds the level: {inputs.bounded:,} instead of {inputs.up_to:,}.")
    return (*lines, *_rounded(inputs, found))


def _typed(inputs: Inputs) -> list[str]:
    return [f"Bought by hand-set levels: at {inputs.reorder_point:,} or fewer, up to {inputs.up_to:,}."]


def _learned(inputs: Inputs) -> list[str]:
    level, spread = inputs.level_e6 / E6, (inputs.variance_e6 / E6) ** 0.5
    lead, off = inputs.lead_days_e3 / E3, (inputs.lead_variance_e6 / E6) ** 0.5
    source = "guessed from new items of its category" if inputs.is_guess else f"learned from {inputs.weeks} weeks"
    lines = [f"About {level:,.1f} a week, give or take {spread:,.1f}, {source}."]
    if inputs.masked_weeks:
        lines.append(f"{_weeks(inputs.masked_weeks)} with an empty shelf taught nothing.")
    if inputs.unusual_weeks:
        lines.append(f"{_weeks(inputs.unusual_weeks)} sold unusually much; they count as they are.")
    if inputs.season_e6 != E6:
        lines.append(f"The season of its category makes it {inputs.season_e6 / E6:.2f} times its usual level.")
    lines.append(
        f"It must last {inputs.review_days} days to the next look and {lead:,.0f} days of delivery"
        f"{f', give or take {off:,.0f}' if off >= 0.5 else ''} ({inputs.lead_source})."
    )
    wanted = f"{inputs.target_bp / 100:g} % {_WANTED[inputs.target_kind]}"
    asked = f"{100 * inputs.asked_e6 / E6:.1f} %"
    how = f"on your own past a chance of {asked} gave that" if inputs.is_calibrated else f"taken as a chance of {asked}"
    lines.append(f"Wanted: {wanted} ({how}). That needs {inputs.up_to:,} units.")
    return lines


def _position(inputs: Inputs) -> str:
    parts = [f"{inputs.on_hand:,} in the house"]
    for units, word, sign in (
        (inputs.on_order, "on order", "+"), (inputs.in_transit, "on their way between warehouses", "+"),
        (inputs.reserved, "reserved", "−"), (inputs.back_ordered, "back-ordered", "−"),
    ):  # fmt: skip
        if units:
            parts.append(f"{sign} {units:,} {word}")
    return f"There are {inputs.position:,}: {' '.join(parts)}."


def _rounded(inputs: Inputs, found: Proposal) -> list[str]:
    if found.must_ask:
        return [
            f"{found.needed:,} are needed. The least that is sold is {found.least:,}, which would last longer than "
            f"{inputs.max_cover_days} days, so a person decides."
        ]
    lines = [f"{found.needed:,} are needed."]
    if found.units != found.needed:
        why = "that is the most that lasts no longer than wanted" if found.is_cut_to_cap else (
            f"the least order is {inputs.moq:,}" if found.is_raised_to_moq else f"sold by {inputs.multiple:,}"
        )  # fmt: skip
        lines.append(f"Ordered are {found.units:,}: {why}.")
    return lines


def _weeks(count: int) -> str:
    return f"{count:,} week{'' if count == 1 else 's'}"
