"""The report as one page that needs nothing else: no network, no script. Charts are drawn here, on our side."""

from functools import cache
from html import escape
from pathlib import Path

from storekeep.kernel.clock import to_datetime
from storekeep.world.simulator.report import page_charts, page_tables, words
from storekeep.world.simulator.report.model import Figures
from storekeep.world.simulator.report.words import number, percent, plural


def page(figures: Figures) -> str:
    """The whole document. Every text of the run is escaped."""
    title = f"Simulated {'year' if figures.days >= 365 else plural(figures.days, 'day')}, seed {figures.seed}"
    sections = [*page_charts.sections(figures), *page_tables.sections(figures)]
    body = [
        _header(figures, title),
        _verdict(figures),
        _tiles(figures),
        f'<div class="grid">{"".join(sections)}</div>',
        _footer(figures),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_css()}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


@cache
def _css() -> str:
    return Path(__file__).with_name("page.css").read_text("utf-8").strip()


def _header(figures: Figures, title: str) -> str:
    first, last = words.date_of(figures, 1), words.date_of(figures, max(1, figures.days))
    said = (
        f"{words.day_name(first)} to {words.day_name(last)} in virtual time, faults {figures.profile}, "
        f"{number(figures.events)} events, {figures.virtual_days:g} days played."
    )
    return f"<header><h1>{escape(title)}</h1><p>{escape(said)}</p></header>"


def _verdict(figures: Figures) -> str:
    bad = figures.violation
    checked = f"{number(figures.checks)} invariant checks"
    if bad is None:
        said = f"<strong>0 violations</strong><p>in {checked}: not a unit and not a cent went astray.</p>"
        if figures.until is not None:
            said = (
                f"<strong>0 violations</strong><p>in {checked}, up to event {number(figures.until)}, where the run was "
                "stopped as asked.</p>"
            )
        return f'<div class="verdict ok" role="status">{said}</div>'
    at = to_datetime(bad.at).strftime("%Y-%m-%d %H:%M:%S UTC")
    facts = (
        ("What", escape(bad.text)),
        ("Found by", escape(bad.found_by)),
        ("When", f"{at}, day {bad.day:.3f}, event {number(bad.event)}"),
        ("Play up to it", f"<code>{escape(bad.replay)}</code>"),
    )
    listed = "".join(f"<dt>{name}</dt><dd>{said}</dd>" for name, said in facts)
    return f'<div class="verdict wrong" role="alert"><strong>1 violation</strong><dl>{listed}</dl></div>'


def _tiles(figures: Figures) -> str:
    fill, stock, delivery, cost = figures.fill, figures.stock_outs, figures.delivery, figures.cost
    contact, risk, currency = figures.contact, figures.risk, figures.currency
    per_100 = contact.per_100(contact.conversations)
    at_risk = words.money(risk.amount_minor, currency) if risk else "none"
    cost_each = "none" if cost.per_order_minor is None else words.money(cost.per_order_minor, currency)
    tiles = (
        ("Orders", number(figures.orders.placed), words.money(figures.orders.value_minor, currency)),
        ("Fill rate", percent(fill.rate), f"{plural(fill.missed + fill.short, 'unit')} not to be had"),
        ("On time", percent(delivery.rate), f"of {plural(delivery.promised, 'delivered parcel')}"),
        ("Out of stock", percent(stock.rate), plural(stock.variant_days, "variant-day")),
        ("Contact rate", "none" if per_100 is None else f"{per_100:.2f}", "conversations per 100 orders"),
        ("Money at risk", at_risk, f"at its worst, day {risk.day}" if risk else ""),
        ("Cost to serve", cost_each, "per order sent"),
        ("Faults", number(figures.fault_count), f"injected on purpose, {plural(figures.kills, 'kill')}"),
    )
    return f'<ul class="tiles">{"".join(_tile(*tile) for tile in tiles)}</ul>'


def _tile(label: str, value: str, below: str) -> str:
    whole, space, unit = value.rpartition(" ")
    shown = f"{escape(whole)} <small>{escape(unit)}</small>" if space and unit.isalpha() else escape(value)
    return (
        f'<li><span class="label">{escape(label)}</span><span class="number">{shown}</span>'
        f'<span class="below">{escape(below)}</span></li>'
    )


def _footer(figures: Figures) -> str:
    took = f" It took {words.duration(figures.wall_s)}." if figures.wall_s else ""
    again = f"storekeep simulate --days {figures.days} --seed {figures.seed} --faults {figures.profile}"
    return (
        f"<footer><p>Hash over all ledgers and statuses: <code>{escape(figures.hash)}</code>.{took}</p>"
        f"<p>The same run again: <code>{escape(again)}</code>. The books of a kept database (<code>--db URL</code>): "
        f"<code>storekeep verify --db URL</code>.</p></footer>"
    )

