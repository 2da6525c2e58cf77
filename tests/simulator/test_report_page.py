"""The report as a page and as text: well formed, on its own, safe, and readable."""

import math
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from storekeep.kernel import charts
from storekeep.kernel.charts import Band, Mark, Series, TimeChart
from storekeep.kernel.clock import DAY, start_of_day
from storekeep.kernel.db import Database
from storekeep.world.simulator import report
from storekeep.world.simulator.report import page_charts
from storekeep.world.simulator.report.families import families
from storekeep.world.simulator.report.model import Ends, Figures, Found
from storekeep.world.simulator.sampling import RISKS
from storekeep.world.simulator.simulation import Run, Setting

NASTY = "<script>alert('x')</script> & \"quoted\" SKU</td>"
VOID = {"meta", "br", "path", "rect"}


def sample(day: int) -> dict[str, int]:
    found = {
        "day": day, "orders": 40 * day, "authorized_minor": 90_000 + 100 * day, "unsent_minor": 30_000,
        "refunding_minor": 500, "stranded_minor": 0, "to_send": 9, "expired": day, "canceled": day,
        "out_of_stock": int(20 + 20 * math.sin(day / 9)), "units_on_hand": 18_000, "parcels_under_way": 90 + day % 7,
        "conversations_open": 3, "jobs_waiting": day % 11, "jobs_dead": day // 40,
    }  # fmt: skip
    return found | {"at_risk_minor": sum(found[part] for part in RISKS)}


def figures_of(db: Database, days: int, **changes: object) -> Figures:
    """The figures of a run over an empty shop whose days were made up."""
    start = start_of_day("2028-01-01", "Europe/Berlin")
    tally = {f"fault: {name}": n for n, name in enumerate(("parcel late", "card declined", "killed before commit"), 1)}
    run = Run(
        Setting(days, 5, "hostile"), start, start + (days + 6) * DAY, 1_234, tally, 5_678, "cd34" * 16,
        samples=[sample(day) for day in range(1, days + 7)],
    )  # fmt: skip
    promotions = [("2028-01-03", "2028-01-09", "WEEK202801"), ("2028-11-20", "2028-11-26", "WEEK202847")]
    with db.read() as tx:
        found = report.figures(tx, run, 61.0, promotions=promotions)
    return replace(found, **changes)  # type: ignore[arg-type]


class Reader(HTMLParser):
    """Checks that elements nest, and collects what a reader and a browser would look for."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.refs: list[str] = []
        self.tags: list[str] = []
        self.svgs: list[dict[str, str | None]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.refs += [str(found[name]) for name in ("src", "href", "xlink:href", "action") if name in found]
        if tag == "svg":
            self.svgs.append(found)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture
def year(db: Database) -> Figures:
    return figures_of(db, 366)


def test_the_page_is_well_formed_and_needs_nothing_else(year: Figures) -> None:
    page = report.page(year)
    reader = read(page)
    assert "script" not in reader.tags
    assert "link" not in reader.tags
    assert reader.refs == []
    assert not re.search(r"https?://|url\(|@import|\bon[a-z]+=", page)
    assert len(reader.ids) == len(set(reader.ids))


def test_a_year_fits_into_400_kilobytes(year: Figures) -> None:
    assert len(report.page(year).encode()) < 400_000


def test_every_chart_has_a_title_a_description_and_its_numbers(year: Figures) -> None:
    page = report.page(year)
    reader = read(page)
    assert len(reader.svgs) >= 5 * 2
    for svg in reader.svgs:
        assert svg["role"] == "img"
        assert set(str(svg["aria-labelledby"]).split()) <= set(reader.ids)
    assert page.count("<figure") == page.count("<summary>The numbers</summary>") >= 5
    assert all(section.count("How to see it") == 1 for section in page.split("<section")[1:])


def test_whatever_a_run_says_is_escaped(db: Database) -> None:
    bad = Found(start_of_day("2028-01-02", "Europe/Berlin"), 1.5, 7, NASTY, NASTY, NASTY)
    figures = figures_of(
        db, 10, violation=bad, hash=NASTY, profile=NASTY, faults=((NASTY, 3),),
        promotions=(("2028-01-02", "2028-01-04", NASTY),),
        cases=(Ends(NASTY, NASTY, 1, ((NASTY, 1),)),),
    )  # fmt: skip
    figures = replace(figures, refunds=replace(figures.refunds, by_kind=((NASTY, 1, 2),)))
    page = report.page(figures)
    assert "<script" not in page
    reader = read(page)
    assert "".join(reader.words).count("<script>alert") >= 8


def test_a_violation_comes_first_with_the_command_that_plays_up_to_it(db: Database) -> None:
    bad = Found(start_of_day("2028-01-02", "Europe/Berlin"), 1.5, 7, "G3", "below zero", "storekeep simulate --until 7")
    figures = figures_of(db, 10, violation=bad)
    text, page = report.text(figures), report.page(figures)
    assert text.splitlines()[0].startswith("1 VIOLATION, found by G3")
    assert "storekeep simulate --until 7" in text
    assert page.index("1 violation") < page.index("Orders per day")
    assert "0 violations" not in text + page
    clean = figures_of(db, 10)
    assert report.text(clean).startswith("0 violations in 5,678 invariant checks")
    assert "0 violations" in report.page(clean)


def test_no_line_of_the_text_is_longer_than_100_characters(year: Figures) -> None:
    long = "a very long word about what went wrong, again and again, " * 9
    bad = Found(year.start, 1.5, 7, "G3", long, "storekeep simulate --days 366 --seed 5 --faults hostile --until 7")
    crowded = replace(
        year, violation=bad, faults=tuple((f"fault number {n} of quite some length", 10**n) for n in range(12)),
        cases=(Ends("customer", "not_arrived", 9_999, tuple((f"ended in way {n}", 10**n) for n in range(9))),),
    )  # fmt: skip
    for figures in (year, crowded):
        lines = report.text(figures).splitlines()
        assert max(len(line) for line in lines) <= 100
        assert [line for line in lines if line != line.rstrip()] == []


def test_the_same_figures_make_the_same_page_and_text(year: Figures) -> None:
    assert report.page(year) == report.page(replace(year))
    assert report.text(year) == report.text(replace(year))


def test_a_run_without_a_single_night_still_has_a_page(db: Database) -> None:
    figures = figures_of(db, 1, samples=(), risk=None, faults=())
    read(report.page(figures))
    assert "Orders per day" not in report.page(figures)


def test_each_fault_is_in_one_family(year: Figures) -> None:
    found = families(year)
    assert [family.name for family in found] == ["Shoppers and money", "Carriers", "Our own machines"]
    assert sum(family.count for family in found) == year.fault_count


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (0, [0, 1]), (1, [0, 1]), (3, [0, 1, 2, 3]), (7, [0, 2, 4, 6, 8]), (97, [0, 50, 100]),
        (150, [0, 50, 100, 150]), (1_371_656, [0, 500_000, 1_000_000, 1_500_000]),
    ],
)  # fmt: skip
def test_ticks_are_round_and_reach_the_top(most: int, expected: list[int]) -> None:
    assert charts.ticks(most) == expected


@pytest.mark.parametrize("days", [1, 2, 9, 26, 45, 62, 63, 90, 200, 366, 731, 1_500])
@pytest.mark.parametrize("width", sorted(charts.WIDTHS.values()))
def test_labels_of_an_axis_keep_clear_of_each_other(days: int, width: int) -> None:
    chart = TimeChart(
        "k", "t", "s", date(2028, 1, 1), (Series("a", "p1", "line", [float(n) for n in range(days)]),),
        (Band(1, 1, "WEEK202801"), Band(2, 3, "WEEK202802")), Mark(1, "9,999.99 EUR"),
    )  # fmt: skip
    drawn = charts.time_chart(chart, width, "x")
    foot = re.findall(rf'class="centre" x="([\d.]+)" y="{charts.HEIGHT - 6}">([^<]+)<', drawn)
    assert foot
    ends = [(float(x) - len(said) * 3, float(x) + len(said) * 3) for x, said in foot]
    assert all(left[1] <= right[0] for left, right in pairwise(ends))
    assert ends[0][0] >= 0
    assert ends[-1][1] <= width


def test_the_parts_of_a_stack_lie_upon_each_other() -> None:
    series = (Series("low", "p1", "area", [1, 1]), Series("high", "p2", "area", [2, 2]))
    drawn = charts.time_chart(TimeChart("k", "t", "s", date(2028, 1, 1), series), 560, "x")
    [low, high] = re.findall(r'class="p\d" d="M([^Z]+)Z"', drawn)
    y = [[float(point.split()[1]) for point in path.split("L")] for path in (low, high)]
    assert y[0][:2] == y[1][2:]  # the floor of the second is the roof of the first
    assert y[1][0] < y[0][0]


def test_the_mean_looks_back_at_most_seven_days() -> None:
    assert page_charts.mean([7] * 3 + [0] * 7)[:4] == [7, 7, 7, 5.25]
    assert page_charts.mean([7] * 3 + [0] * 7)[-1] == 0


def test_the_numbers_are_told_by_day_week_or_month() -> None:
    first = date(2028, 1, 1)
    assert page_charts.spans(first, 3) == [("2028-01-01", 0, 1), ("2028-01-02", 1, 2), ("2028-01-03", 2, 3)]
    assert page_charts.spans(first, 60)[:2] == [("2027-W52", 0, 2), ("2028-W01", 2, 9)]
    assert page_charts.spans(first, 366)[1] == ("2028-02", 31, 60)
