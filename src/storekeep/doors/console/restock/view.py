"""What the restock pages show of a suggestion: its frozen inputs as numbers that people read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from storekeep.kernel import charts
from storekeep.kernel.charts import Band, Series, TimeChart
from storekeep.shop.replenishment.model import E3, E6, History, Inputs, Key
from storekeep.shop.replenishment.suggestions import inputs_of, load_reasons

KINDS = [("fill", "of the units that are wanted"), ("no_stock_out", "of the weeks without an empty shelf")]
METHODS = [("forecast", "By forecast"), ("min_max", "By the levels set by hand"), ("off", "Not at all")]


@dataclass(frozen=True, slots=True)
class Line:
    """A suggestion as the board shows it; `title` is product and option."""

    row: Any
    inputs: Inputs
    reasons: tuple[str, ...]
    title: str

    @property
    def key(self) -> Key:
        return self.row.variant_id, self.row.warehouse_id

    @property
    def must_ask(self) -> bool:
        return bool(self.row.qty == 0)

    @property
    def is_learned(self) -> bool:
        return self.inputs.method == "forecast"

    @property
    def level(self) -> str:
        """Units a week."""
        return f"{self.inputs.level_e6 / E6:,.1f}"

    @property
    def spread(self) -> str:
        """One standard deviation of a week's error, in units."""
        return f"{(self.inputs.variance_e6 / E6) ** 0.5:,.1f}"

    @property
    def season(self) -> str:
        return f"{self.inputs.season_e6 / E6:.2f}"

    @property
    def lead_days(self) -> str:
        return f"{self.inputs.lead_days_e3 / E3:,.0f}"

    @property
    def lead_spread(self) -> str:
        return f"{(self.inputs.lead_variance_e6 / E6) ** 0.5:,.0f}"

    @property
    def asked(self) -> str:
        return f"{100 * self.inputs.asked_e6 / E6:.1f} %"

    @property
    def cover_days(self) -> int | None:
        """How long what is there and on its way lasts at the level; None without a level."""
        if not self.is_learned or self.inputs.level_e6 == 0:
            return None
        return max(0, self.inputs.position * 7 * E6 // self.inputs.level_e6)

    @property
    def value_minor(self) -> int:
        return int(self.row.qty * self.row.unit_cost_minor)

    @property
    def anchor(self) -> str:
        return f"/console/restock/{self.row.id}"


def lines(rows: Sequence[Any], titles: dict[str, str]) -> list[Line]:
    """Suggestions with their inputs read."""
    return [
        Line(row, inputs_of(row.inputs), tuple(load_reasons(row.reasons)), titles.get(row.variant_id, row.sku))
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Week:
    """One week of a history: its Monday, the units asked for, and whether the shelf was empty in it."""

    monday: str
    units: int
    is_masked: bool


def weeks_of(history: History, key: Key) -> list[Week]:
    """The weeks of one variant in one warehouse since its first sale, oldest first."""
    units, masked = history.units.get(key, {}), history.masked.get(key, frozenset())
    first = min(units, default=history.weeks)
    until = date.fromisoformat(history.until_day)
    return [
        Week((until - timedelta(days=7 * (history.weeks - week))).isoformat(), units.get(week, 0), week in masked)
        for week in range(first, history.weeks)
    ]


def weeks_chart(weeks: Sequence[Week], level: float | None) -> Markup:
    """Units a week as bars, weeks that taught nothing shaded, and the level of the suggestion as a line."""
    if not weeks:
        return Markup("")
    bands: list[Band] = []
    for place, week in enumerate(weeks, 1):
        if week.is_masked and bands and bands[-1].last == place - 1:
            bands[-1] = Band(bands[-1].first, place, "")
        elif week.is_masked:
            bands.append(Band(place, place, ""))
    series = [Series("Asked for", "bars", "bars", [week.units for week in weeks])]
    if level is not None:
        series.append(Series("Level", "level", "line", [level] * len(weeks)))
    masked = sum(week.is_masked for week in weeks)
    units = sum(week.units for week in weeks)
    said = f"{units:,} units in {len(weeks)} weeks; in {masked} of them the shelf was empty."
    return chart("weeks", "Units asked for by week", said, weeks[0].monday, series, bands, is_whole=False)


def chart(
    key: str, title: str, said: str, monday: str, series: Sequence[Series], bands: Sequence[Band] = (), *,
    is_whole: bool = True,
) -> Markup:  # fmt: skip
    """A chart of weeks for every width of the page, across the whole of it or beside something else."""
    drawn = TimeChart(key, title, said, date.fromisoformat(monday), tuple(series), tuple(bands), step=7)
    text = charts.drawings(lambda width, suffix: charts.time_chart(drawn, width, suffix), is_whole=is_whole)
    look = "chart" if is_whole else "chart chart-part"
    return Markup('<div class="{}">{}</div>').format(look, Markup(text))  # noqa: S704 - the drawing escapes its texts
