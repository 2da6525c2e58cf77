"""The charts of the page, each with its text alternative, its legend, its numbers as a table, and how to see them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from storekeep.kernel import charts
from storekeep.kernel.charts import Band, Bar, Mark, Series, TimeChart
from storekeep.kernel.money import exponent
from storekeep.world.simulator.report import words
from storekeep.world.simulator.report.families import families
from storekeep.world.simulator.report.model import Figures
from storekeep.world.simulator.report.parts import details, figure, legend, section, table
from storekeep.world.simulator.report.words import number, plural
from storekeep.world.simulator.sampling import RISKS

#: Of the money at risk, in the order in which they lie upon each other.
RISK_LOOKS = dict(zip(RISKS, ("p1", "p2", "p3", "p4"), strict=True))
#: Of the ways in which a case ends; others are grey.
END_LOOKS = {
    "sent again": "p1", "money back": "p2", "returned for money back": "p3", "return agreed": "soft", "open": "p4",
    "arrived after all": "p5", "answered": "p6",
}  # fmt: skip
#: More days than this are told by the week, and more than that by the month.
BY_DAY, BY_WEEK = 31, 120


def sections(figures: Figures) -> Iterator[str]:
    """All charts that this run has numbers for."""
    if figures.samples:
        yield _orders(figures)
        yield _risk(figures)
        yield _stock(figures)
        yield _waiting(figures)
    if figures.faults:
        yield _faults(figures)
    if figures.cases:
        yield _cases(figures)


def _of(figures: Figures, name: str) -> list[int]:
    return [sample[name] for sample in figures.samples]


def mean(values: Sequence[int], days: int = 7) -> list[float]:
    """The mean of each day and the days before it, up to `days` in all."""
    return [sum(values[max(0, n - days + 1) : n + 1]) / min(days, n + 1) for n in range(len(values))]


def spans(first: date, days: int) -> list[tuple[str, int, int]]:
    """The rows of a table of so many days: (name, first index, index after the last)."""
    dates = [first + timedelta(days=n) for n in range(days)]
    found: list[tuple[str, int, int]] = []
    for n, each in enumerate(dates):
        name = each.isoformat() if days <= BY_DAY else f"{each:%G-W%V}" if days <= BY_WEEK else f"{each:%Y-%m}"
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1], n + 1)
        else:
            found.append((name, n, n + 1))
    return found


def _numbers(figures: Figures, heads: Sequence[str], row: Callable[[int, int], Sequence[str | int]]) -> str:
    rows = spans(words.date_of(figures, figures.samples[0]["day"]), len(figures.samples))
    unit = "day" if len(figures.samples) <= BY_DAY else "week" if len(figures.samples) <= BY_WEEK else "month"
    filled = [(name, *row(begin, end)) for name, begin, end in rows]
    return details("The numbers", table(f"By {unit}", (unit.capitalize(), *heads), filled))


def _draw(chart: TimeChart, *, is_whole: bool = True) -> str:
    return charts.drawings(lambda width, suffix: charts.time_chart(chart, width, suffix), is_whole=is_whole)


def _bands(figures: Figures) -> tuple[Band, ...]:
    """The promotions within the run, in days counted from 1; a day after the last visits is none of theirs."""
    begin, days = words.date_of(figures, 1), min(figures.days, len(figures.samples))
    found = []
    for first, last, code in figures.promotions:
        left = (date.fromisoformat(first) - begin).days + 1
        right = (date.fromisoformat(last) - begin).days + 1
        if right >= 1 and left <= days:
            found.append(Band(max(1, left), min(days, right), code))
    return tuple(found)


def _quiet(figures: Figures) -> tuple[Band, ...]:
    """The days after the last visits, in which everything comes to its end."""
    days = len(figures.samples)
    return (Band(figures.days + 1, days, "quiet end", "quiet"),) if days > figures.days else ()


def _orders(figures: Figures) -> str:
    totals = _of(figures, "orders")
    placed = [now - before for now, before in zip(totals, [0, *totals], strict=False)]
    week = mean(placed[: figures.days])
    busiest = placed.index(max(placed)) + 1
    bands = _bands(figures)
    day = words.day_name(words.date_of(figures, busiest))
    said = f"{plural(sum(placed), 'order')} in {plural(len(placed), 'day')}; most on {day}: {number(max(placed))}."
    if bands:
        said += f" {plural(len(bands), 'promotion')} shaded: {', '.join(band.label for band in bands)}."
    chart = TimeChart(
        "orders", "Orders per day", said, words.date_of(figures, 1),
        (Series("orders", "soft", "bars", placed), Series("mean", "trend", "line", week)),
        bands + _quiet(figures),
    )  # fmt: skip
    keys = [("soft", "orders placed"), ("accent", "mean of 7 days")] + ([("band", "promotion")] if bands else [])
    rows = _numbers(
        figures, ("Orders", "Most in a day"), lambda begin, end: (sum(placed[begin:end]), max(placed[begin:end]))
    )
    how = ["storekeep verify --id O3"]
    if figures.orders.first_number is not None:
        how.append(f"storekeep explain order {figures.orders.first_number}")
    return section("Orders per day", [figure(_draw(chart), legend(keys), rows)], how, is_whole=True)


def _risk(figures: Figures) -> str:
    worst = figures.risk
    assert worst is not None
    whole = 10 ** exponent(figures.currency)
    day = words.day_name(words.date_of(figures, worst.day))
    parts = ", ".join(
        f"{RISKS[name]} {words.money(minor, figures.currency)}" for name, minor in worst.parts if minor
    )
    said = f"Worst on the evening of {day}: {words.money(worst.amount_minor, figures.currency)} ({parts or 'nothing'})."
    chart = TimeChart(
        "risk", f"Money at risk each evening, in {figures.currency}", said, words.date_of(figures, 1),
        tuple(Series(RISKS[name], RISK_LOOKS[name], "area", _of(figures, name)) for name in RISKS),
        bands=_quiet(figures),
        mark=Mark(worst.day, words.money(worst.amount_minor, figures.currency)),
        tick=lambda minor: number(minor // whole),
    )  # fmt: skip
    sums = _of(figures, "at_risk_minor")

    def row(begin: int, end: int) -> tuple[str, ...]:
        at = max(range(begin, end), key=lambda n: sums[n])
        values = [figures.samples[at][name] for name in RISKS]
        return tuple(words.money(value, figures.currency) for value in (*values, sums[at]))

    rows = _numbers(figures, (*RISKS.values(), "at its worst"), row)
    keys = [(RISK_LOOKS[name], text) for name, text in RISKS.items()]
    intro = f"<p>{said}</p>"
    how = ["storekeep verify --id M6 --id M12", "storekeep explain payment ORDER_NUMBER"]
    return section("Money at risk", [intro, figure(_draw(chart), legend(keys), rows)], how, is_whole=True)


def _stock(figures: Figures) -> str:
    out, stock = _of(figures, "out_of_stock"), figures.stock_outs
    said = (
        f"{plural(stock.variant_days, 'variant-day')} out of stock, {words.percent(stock.rate)} of all; "
        f"at its worst {plural(stock.worst, 'variant')} on day {stock.worst_day}."
    )
    chart = TimeChart(
        "stock", "Variants out of stock each evening", said, words.date_of(figures, 1),
        (Series("out of stock", "p3", "area", out),), _quiet(figures),
    )  # fmt: skip
    rows = _numbers(figures, ("Variant-days", "Most"), lambda begin, end: (sum(out[begin:end]), max(out[begin:end])))
    met = (
        f"<p>{plural(figures.fill.visits_in_vain, 'visit')} of {number(figures.fill.visits)} met out of stock; "
        f"{plural(figures.fill.missed, 'unit')} were not there when wanted.</p>"
    )
    keys = legend([("p3", "variants with nothing left")])
    drawn = figure(_draw(chart, is_whole=False), keys, rows, is_whole=False)
    how = ["storekeep verify --id G4", "storekeep explain stock SKU"]
    return section("Stock-outs", [met, drawn], how)


def _waiting(figures: Figures) -> str:
    parcels, jobs, dead = _of(figures, "parcels_under_way"), _of(figures, "jobs_waiting"), _of(figures, "jobs_dead")
    said = (
        f"Each evening: parcels with the carrier, {number(max(parcels))} at most; jobs waiting, {number(max(jobs))} "
        f"at most; {number(dead[-1])} jobs given up by the end."
    )
    chart = TimeChart(
        "waiting", "Parcels under way and jobs waiting each evening", said, words.date_of(figures, 1),
        (Series("parcels", "p1", "line", parcels), Series("jobs", "p4", "line", jobs)), _quiet(figures),
    )  # fmt: skip
    rows = _numbers(
        figures, ("Most parcels", "Most jobs waiting", "Jobs given up"),
        lambda begin, end: (max(parcels[begin:end]), max(jobs[begin:end]), dead[end - 1]),
    )  # fmt: skip
    keys = legend([("p1", "parcels with the carrier"), ("p4", "jobs waiting")])
    how = ["storekeep verify --id S10 --id K1"]
    return section("Under way", [figure(_draw(chart, is_whole=False), keys, rows, is_whole=False)], how)


def _faults(figures: Figures) -> str:
    bars = [Bar(name, (("p1", count),)) for name, count in figures.faults]
    said = f"{plural(figures.fault_count, 'fault')}; most often {bars[0].label}, {plural(bars[0].total, 'time')}."
    drawn = charts.drawings(
        lambda width, suffix: charts.lying_bars("faults", "Faults by kind", said, bars, width, suffix), is_whole=False
    )
    rows = details("The numbers", table("Faults by kind", ("Fault", "Times"), figures.faults))
    led = [
        (f"{family.name}: {number(family.count)}" if n == 0 else "", what, count)
        for family in families(figures)
        for n, (what, count) in enumerate(family.led_to)
    ]
    beside = table(
        "Side by side; nothing says which fault led to what",
        ("Faults", "What such faults lead to", "Times"), led, words=2,
    )  # fmt: skip
    parts = f'<div class="split">{figure(drawn, "", rows, is_whole=False)}{beside}</div>'
    how = [f"storekeep simulate --days {figures.days} --seed {figures.seed} --faults {figures.profile} --json"]
    return section("Faults, and what they led to", [parts], how, is_whole=True)


def _cases(figures: Figures) -> str:
    bars = []
    for each in figures.cases:
        ends = dict(each.ends)
        known = tuple((look, ends.pop(end, 0)) for end, look in END_LOOKS.items())
        bars.append(Bar(_name(each.kind, each.reason), (*known, ("p6", sum(ends.values())))))
    total = sum(each.count for each in figures.cases)
    said = f"{plural(total, 'conversation and case', 'conversations and cases')}; most often {bars[0].label}."
    drawn = charts.drawings(
        lambda width, suffix: charts.lying_bars("cases", "Cases and how they ended", said, bars, width, suffix),
        is_whole=True,
    )
    used = {end for each in figures.cases for end, _ in each.ends}
    keys = legend([(look, end) for end, look in END_LOOKS.items() if end in used])
    rows = [(_name(each.kind, each.reason), end, count) for each in figures.cases for end, count in each.ends]
    numbers = details("The numbers", table("Cases and their ends", ("Case", "Ended", "Times"), rows, words=2))
    how = ["storekeep verify --id C6 --id C7"]
    return section("Cases and how they ended", [figure(drawn, keys, numbers)], how, is_whole=True)


def _name(kind: str, reason: str) -> str:
    return f"{words.KINDS.get(kind, kind)}: {words.reason(reason)}"
