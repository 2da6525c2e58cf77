"""Charts as SVG text, drawn by small functions: axes with round ticks, labels that keep clear of each other.

For pages and reports alike; it knows nothing of what the values mean.

A chart is drawn for each width that it may be shown at, so that its letters keep their size; the style sheet shows one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

#: Across the page, across half of it or a tablet, across a phone.
WIDTHS = {"wide": 1150, "mid": 560, "narrow": 330}
HEIGHT, TOP, BOTTOM = 230, 26, 24
#: About how wide a letter of an axis label is.
LETTER = 6.6


@dataclass(frozen=True, slots=True)
class Series:
    """Values by day. `look` is the class of the style sheet that colours it; `kind` is bars, line or area (stacked)."""

    name: str
    look: str
    kind: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Band:
    """Days `first` to `last` (1 is the first day) to shade, with a label."""

    first: int
    last: int
    label: str
    look: str = "band"


@dataclass(frozen=True, slots=True)
class Mark:
    """A day to point at."""

    day: int
    label: str


@dataclass(frozen=True, slots=True)
class TimeChart:
    """What happened day by day, or every `step` days. `said` is the text alternative; `tick` writes a value on the
    axis."""

    key: str
    title: str
    said: str
    first: date
    series: tuple[Series, ...]
    bands: tuple[Band, ...] = ()
    mark: Mark | None = None
    tick: Callable[[int], str] = "{:,}".format
    step: int = 1

    @property
    def days(self) -> int:
        return max((len(each.values) for each in self.series), default=0)


def drawings(draw: Callable[[int, str], str], *, is_whole: bool) -> str:
    """A drawing for each width; `draw(width, suffix)` makes one. Only a chart across the whole page has a wide one."""
    widths = {name: width for name, width in WIDTHS.items() if is_whole or name != "wide"}
    return "".join(f'<div class="{name}">{draw(width, name)}</div>' for name, width in widths.items())


def ticks(most: float, about: int = 4) -> list[int]:
    """Round numbers from 0 to at least `most`, about so many steps; a step is a whole number."""
    step, scale = 1, 1
    while True:
        for factor in (1, 2, 5):
            step = factor * scale
            if step * about >= most:
                return list(range(0, int(-(-most // step)) * step + step, step)) if most > 0 else [0, 1]
        scale *= 10


def day_ticks(first: date, days: int, room: float, gap: int = 1) -> list[tuple[int, str]]:
    """Days to name on the axis: every one, every second, Mondays, or firsts of months; (day, label), first day 1.

    With a `gap` each of the `days` stands for so many, and the first that begins in a month is the month's.
    """
    dates = [first + timedelta(days=gap * n) for n in range(days)]
    short = "{0.day} {0:%b}".format
    if days <= 62:
        for step in (1, 2, 7, 14):
            if len(short(first)) * LETTER * 1.4 * (days / step) <= room:
                return [(n + 1, short(dates[n])) for n in range(0, days, step)]
    months = [(n + 1, each) for n, each in enumerate(dates) if each.day <= gap]
    step = next(step for step in (1, 2, 3, 6, 12, 10_000) if 4.4 * LETTER * len(months) / step <= room)
    return [(n, f"{each:%b}" if each.month > 1 or n == 1 else f"{each:%Y}") for n, each in months[::step]]


def time_chart(chart: TimeChart, width: int, suffix: str) -> str:
    """One drawing of a chart, as an SVG element with title and description."""
    areas = [each for each in chart.series if each.kind == "area"]
    others = [value for each in chart.series if each.kind != "area" for value in each.values]
    stacked = [sum(values) for values in zip(*(each.values for each in areas), strict=True)]
    steps = ticks(max([*others, *stacked], default=0))
    left = 10 + LETTER * max(len(chart.tick(step)) for step in steps)
    plot = _Plot(left, width - 8, chart.days, steps[-1])
    parts = [*_bands(chart.bands, plot), *_axes(chart, plot, steps)]
    base = [0.0] * chart.days
    for each in chart.series:
        if each.kind == "area":
            top = [low + value for low, value in zip(base, each.values, strict=True)]
            parts.append(f'<path class="{each.look}" d="{plot.area(base, top)}"/>')
            base = top
        elif each.kind == "bars":
            parts.append(f'<path class="{each.look}" d="{plot.bars(each.values)}"/>')
        else:
            parts.append(f'<path class="{each.look} stroke" d="{plot.line(each.values)}"/>')
    if chart.mark is not None:
        parts += _marked(chart.mark, plot)
    return svg(f"{chart.key}-{suffix}", chart.title, chart.said, width, HEIGHT, parts)


@dataclass(frozen=True, slots=True)
class _Plot:
    left: float
    right: float
    days: int
    most: int

    def x(self, day: float) -> float:
        """The middle of a day; the first is 1."""
        return self.left + (self.right - self.left) * (day - 0.5) / max(1, self.days)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.most

    def line(self, values: Sequence[float]) -> str:
        return "M" + "L".join(f"{n(self.x(day))} {n(self.y(value))}" for day, value in enumerate(values, 1))

    def area(self, low: Sequence[float], high: Sequence[float]) -> str:
        back = "L".join(f"{n(self.x(day + 1))} {n(self.y(low[day]))}" for day in reversed(range(len(low))))
        return f"{self.line(high)}L{back}Z"

    def bars(self, values: Sequence[float]) -> str:
        wide = (self.right - self.left) / max(1, self.days) * (0.76 if self.days <= 120 else 1)
        base = self.y(0)
        return "".join(
            f"M{n(self.x(day) - wide / 2)} {n(base)}V{n(self.y(value))}h{n(wide)}V{n(base)}Z"
            for day, value in enumerate(values, 1)
            if value
        )


def n(value: float) -> str:
    """A coordinate, to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def _axes(chart: TimeChart, plot: _Plot, steps: Sequence[int]) -> list[str]:
    parts = []
    for step in steps:
        y = n(plot.y(step))
        parts.append(f'<path class="grid{" zero" if step == 0 else ""}" d="M{n(plot.left)} {y}H{n(plot.right)}"/>')
        label = escape(chart.tick(step))
        parts.append(f'<text class="end" x="{n(plot.left - 6)}" y="{n(plot.y(step) + 4)}">{label}</text>')
    clear = 0.0
    for day, said in day_ticks(chart.first, chart.days, plot.right - plot.left, chart.step):
        half = len(said) * LETTER / 2
        x = min(max(plot.x(day), half), plot.right - half)
        if x - half < clear:
            continue
        clear = x + half + 4
        foot = n(plot.y(0))
        parts.append(f'<path class="grid zero" d="M{n(plot.x(day))} {foot}v4"/>')
        parts.append(f'<text class="centre" x="{n(x)}" y="{HEIGHT - 6}">{escape(said)}</text>')
    return parts


def _bands(bands: Sequence[Band], plot: _Plot) -> list[str]:
    parts, clear = [], 0.0
    for band in bands:
        left, right = plot.x(band.first - 0.5), plot.x(band.last + 0.5)
        size = f'width="{n(right - left)}" height="{HEIGHT - BOTTOM - TOP + 8}"'
        parts.append(f'<rect class="{band.look}" x="{n(left)}" y="{TOP - 8}" {size}/>')
        half = len(band.label) * LETTER / 2
        x = min(max((left + right) / 2, half), plot.right - half)
        if x - half >= clear:
            clear = x + half + 6
            parts.append(f'<text class="centre" x="{n(x)}" y="{TOP - 13}">{escape(band.label)}</text>')
    return parts


def _marked(mark: Mark, plot: _Plot) -> list[str]:
    x = plot.x(mark.day)
    is_right = x < (plot.left + plot.right) / 2
    place = f'x="{n(x + (5 if is_right else -5))}" y="{TOP - 8}" class="mark {"" if is_right else "end"}"'
    return [
        f'<path class="pointer" d="M{n(x)} {TOP - 16}V{n(plot.y(0))}"/>',
        f"<text {place}>{escape(mark.label)}</text>",
    ]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar lying down: its parts are (look, value)."""

    label: str
    parts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return sum(value for _, value in self.parts)


def lying_bars(key: str, title: str, said: str, bars: Sequence[Bar], width: int, suffix: str) -> str:
    """Bars beside their names; on a narrow screen below them. The number stands at the end."""
    is_narrow = width < 500
    longest = max((len(bar.label) for bar in bars), default=0)
    left = 0.0 if is_narrow else min(longest * LETTER + 10, width * 0.45)
    step = 34 if is_narrow else 22
    most = max((bar.total for bar in bars), default=0) or 1
    room = width - left - 12 - LETTER * max((len(f"{bar.total:,}") for bar in bars), default=0)
    parts = []
    for place, bar in enumerate(bars):
        y = place * step + (18 if is_narrow else 4)
        x = left
        at = f'x="0" y="{y - 4}"' if is_narrow else f'class="end" x="{n(left - 8)}" y="{y + 11}"'
        parts.append(f"<text {at}>{escape(bar.label)}</text>")
        for look, value in bar.parts:
            long = max(room * value / most, 1.5 if value else 0)
            if value:
                parts.append(f'<rect class="{look}" x="{n(x)}" y="{y}" width="{n(long)}" height="14"/>')
            x += long
        parts.append(f'<text class="strong" x="{n(x + 6)}" y="{y + 11}">{bar.total:,}</text>')
    return svg(f"{key}-{suffix}", title, said, width, len(bars) * step + 8, parts)


def svg(key: str, title: str, said: str, width: int, height: int, parts: Sequence[str]) -> str:
    """The element around a drawing."""
    return (
        f'<svg role="img" aria-labelledby="{key}-t {key}-d" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">'
        f'<title id="{key}-t">{escape(title)}</title><desc id="{key}-d">{escape(said)}</desc>{"".join(parts)}</svg>'
    )
