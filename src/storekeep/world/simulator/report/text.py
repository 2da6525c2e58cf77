"""The report for a terminal: what matters most comes first, no line is longer than 100 characters."""

import textwrap
from collections.abc import Iterable, Iterator

from storekeep.kernel.clock import to_datetime
from storekeep.world.simulator.report import words
from storekeep.world.simulator.report.model import Counts, Ends, Figures
from storekeep.world.simulator.report.words import number, percent, plural
from storekeep.world.simulator.sampling import RISKS

WIDTH, LABEL = 100, 26
SHORT, GLUE = 45, "\N{NO-BREAK SPACE}"
#: Longer lists end in "and n more".
MOST = 12


def text(figures: Figures) -> str:
    """The whole report, ending in a newline."""
    parts = [
        _verdict(figures), _trade(figures), _delivery(figures), _service(figures), _money(figures), _trouble(figures),
        _ending(figures),
    ]  # fmt: skip
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def row(label: str, *values: str) -> Iterator[str]:
    """A label and what belongs to it, wrapped under the first value."""
    # Short values stay on one line: textwrap breaks at spaces, but not at those that ask it not to.
    kept = (value.replace(" ", GLUE) if len(value) <= SHORT else value for value in values if value)
    indent = " " * (LABEL + 2)
    wrapped = textwrap.wrap("; ".join(kept), WIDTH - LABEL - 2, break_on_hyphens=False)
    lines = [line.replace(GLUE, " ") for line in wrapped] or [""]
    yield f"{label[:LABEL]:<{LABEL}}  {lines[0]}".rstrip()
    for line in lines[1:]:
        yield indent + line


def listed(counts: Counts) -> str:
    """ "a 12, b 3, and 4 more" """
    shown = [f"{name} {number(count)}" for name, count in counts[:MOST]]
    return ", ".join(shown + ([f"and {len(counts) - MOST} more"] if len(counts) > MOST else []))


def _heading(title: str) -> list[str]:
    return [title, "-" * len(title)]


def _verdict(figures: Figures) -> list[str]:
    setting = f"seed {figures.seed}, {plural(figures.days, 'day')}, faults {figures.profile}"
    bad = figures.violation
    if bad is None:
        head = [f"0 violations in {number(figures.checks)} invariant checks ({setting})"]
        if figures.until is not None:
            head += row("Stopped", f"before event {number(figures.until)}, as asked; nothing was brought to its end")
    else:
        at = to_datetime(bad.at).strftime("%Y-%m-%d %H:%M:%S UTC")
        head = [f"1 VIOLATION, found by {bad.found_by} ({setting})"]
        head += row("What", bad.text)
        head += row("When", f"{at}, day {bad.day:.3f}, event {number(bad.event)}")
        # Never wrapped: it is there to be copied.
        head += [f"{'Play up to it':<{LABEL}}  {bad.replay}"]
    events = f"{number(figures.events)} events in {figures.virtual_days:g} virtual days"
    took = f"took {words.duration(figures.wall_s)}" if figures.wall_s else ""
    return [*head, *row("Played", events, took), *row("Hash", figures.hash or "none")]


def _trade(figures: Figures) -> list[str]:
    orders, fill, stock = figures.orders, figures.fill, figures.stock_outs
    left = [
        plural(orders.canceled, "canceled", "canceled"), plural(orders.expired, "expired", "expired"),
        f"{number(orders.open)} open" if orders.open else "",
        f"{number(orders.pending)} waiting for payment" if orders.pending else "",
    ]  # fmt: skip
    value = words.money(orders.value_minor, figures.currency)
    lines = _heading("Orders and stock")
    lines += row("Orders", f"{number(orders.placed)} placed with {plural(orders.units, 'unit')}, worth {value}")
    lines += row("", f"{number(orders.confirmed)} confirmed", f"{number(orders.completed)} completed", *left)
    lines += row("Fill rate", percent(fill.rate), f"{number(fill.sent)} of {plural(fill.wanted, 'wanted unit')} sent")
    lines += row(
        "", f"{number(fill.missed)} not there when wanted", f"{number(fill.short)} short in the warehouse",
        f"{number(fill.called_off)} called off", f"{number(fill.unpaid)} never paid",
        f"{number(fill.under_way)} still to send" if fill.under_way else "",
    )  # fmt: skip
    lines += row("Visits", number(fill.visits), f"{number(fill.visits_in_vain)} met out of stock")
    worst = f"worst evening: {plural(stock.worst, 'variant')} on day {stock.worst_day}" if stock.worst else ""
    lines += row("Stock-outs", f"{plural(stock.variant_days, 'variant-day')} ({percent(stock.rate)})", worst)
    return lines


def _delivery(figures: Figures) -> list[str]:
    delivery, found = figures.delivery, figures.recovery
    lines = _heading("Delivery")
    by = f"{number(delivery.on_time)} of {plural(delivery.promised, 'delivered parcel')} by the promised day"
    lines += row("On time", percent(delivery.rate), by)
    if delivery.late:
        lines += row("", "late: " + ", ".join(f"{number(count)} by {name}" for name, count in delivery.late))
    left = f"{number(delivery.hand_overs_on_time)} of {number(delivery.hand_overs)} left on the day planned"
    lines += row("Handed over on time", percent(delivery.hand_over_rate), left)
    way = delivery.handed_over - delivery.delivered - delivery.returned
    lines += row(
        "Parcels", number(delivery.parcels), f"{number(delivery.delivered)} delivered",
        f"{number(delivery.returned)} came back", f"{number(max(0, way))} with the carrier",
    )  # fmt: skip
    lines += row(
        "Lost and recovered", f"{number(found.lost)} silent or lost", f"{number(found.recovered)} turned up",
        f"{number(found.made_good)} sent again or refunded", f"{number(found.open)} open",
    )  # fmt: skip
    for each in found.troubled:
        lines += row(f"  {words.reason(each.reason)}", _ends(each))
    return lines


def _ends(each: Ends) -> str:
    return f"{number(each.count)}: {listed(each.ends)}"


def _service(figures: Figures) -> list[str]:
    contact, back = figures.contact, figures.returns
    lines = _heading("Service")
    rate = contact.per_100(contact.conversations)
    reasons = ", ".join(f"{words.reason(name)} {contact.per_100(count):.2f}" for name, count in contact.reasons)
    lines += row("Contact rate", "none" if rate is None else f"{rate:.2f} conversations per 100 orders", reasons)
    lines += row(
        "Cases", f"{number(contact.conversations)} by customers", f"{number(contact.cases_by_shop)} by the shop itself",
        f"{number(contact.open)} not resolved",
    )  # fmt: skip
    for each in figures.cases:
        by = "by customers" if each.kind == "customer" else "by the shop"
        lines += row(f"  {words.reason(each.reason)}", f"{number(each.count)} {by}: {listed(each.ends)}")
    lines += row(
        "Returns", f"{number(back.announced)} agreed, {number(back.received)} came",
        f"units: {number(back.restocked)} restocked, {number(back.quarantined)} set aside, "
        f"{number(back.scrapped)} thrown away",
        f"{number(back.undecided)} undecided" if back.undecided else "",
    )  # fmt: skip
    return lines


def _money(figures: Figures) -> list[str]:
    refunds, cost, risk = figures.refunds, figures.cost, figures.risk

    def money(minor: int) -> str:
        return words.money(minor, figures.currency)

    lines = _heading("Money")
    if risk is not None:
        lines += row("At risk at its worst", f"{money(risk.amount_minor)} on day {risk.day}")
        parts = [f"{RISKS[name]} {money(minor)}" for name, minor in risk.parts if minor]
        lines += row("", *parts) if parts else []
    lines += row(
        "Refunds", f"{number(refunds.count)} of {money(refunds.amount_minor)}", f"{number(refunds.failures)} failed, "
        f"{number(refunds.repeated)} tried again",
        f"{number(refunds.failed)} failed for now" if refunds.failed else "",
        f"{number(refunds.under_way)} under way" if refunds.under_way else "",
    )  # fmt: skip
    for kind, count, amount in refunds.by_kind:
        lines += row(f"  {kind}"[:LABEL], f"{number(count)} of {money(amount)}")
    each = "none" if cost.per_order_minor is None else f"{money(cost.per_order_minor)} per order sent"
    lines += row("Cost to serve", each, f"{money(cost.total_minor)} for {plural(cost.orders_sent, 'order')}")
    lines += row(
        "", f"labels {money(cost.labels_minor)}", f"goods sent again {money(cost.replaced_minor)}",
        f"refunds of goods that stayed away {money(cost.unreturned_minor)}",
        f"returned goods thrown away {money(cost.scrapped_minor)}",
    )  # fmt: skip
    return lines


def _trouble(figures: Figures) -> list[str]:
    found = figures.machinery
    lines = _heading("What went wrong on purpose")
    lines += row("Faults", f"{number(figures.fault_count)} of {plural(len(figures.faults), 'kind')}")
    lines += _columns(figures.faults)
    lines += row("Programs killed", plural(figures.kills, "time"), f"{number(found.answers_lost)} answers lost")
    lines += row(
        "Queues", f"{number(found.jobs)} jobs", f"{number(found.jobs_again)} needed more than one try",
        f"{number(found.jobs_waiting)} waiting", f"{number(found.jobs_dead)} dead",
    )  # fmt: skip
    if found.dead_by_kind:
        lines += row("  dead jobs", listed(found.dead_by_kind))
    lines += row(
        "Heard and said", f"{number(found.webhooks)} webhooks kept", f"{number(found.forged_refused)} forged refused",
        f"{number(found.scans)} scans", f"{number(found.mails_sent)} of {number(found.mails)} mails sent, "
        f"{number(found.mails_failed)} failed",
    )  # fmt: skip
    return lines


def _columns(counts: Counts) -> Iterable[str]:
    """Two columns of names and numbers."""
    cells = [f"{name[:34]:<34} {number(count):>9}" for name, count in counts]
    half = -(-len(cells) // 2)
    for n in range(half):
        right = cells[half + n] if half + n < len(cells) else ""
        yield f"  {cells[n]}    {right}".rstrip()


def _ending(figures: Figures) -> list[str]:
    goods, flow = figures.goods, figures.money
    lines = _heading("Nothing from nowhere")
    came = f"{number(goods.received)} received + {number(goods.returned)} returned + {number(goods.found)} found"
    went = f"{number(goods.sent)} sent + {number(goods.scrapped)} thrown away + {number(goods.lost)} lost"
    if goods.other_in or goods.other_out:
        came, went = f"{came} + {number(goods.other_in)} other", f"{went} + {number(goods.other_out)} other"
    lines += row("Units", f"{came} = {went} + {number(goods.on_hand)} on hand", f"difference {goods.difference}")

    def money(minor: int) -> str:
        return words.money(minor, figures.currency)

    lines += row(
        "Money at the provider", f"{money(flow.taken_minor)} taken - {money(flow.given_back_minor)} given back = "
        f"{money(flow.clearing_minor)} in the books", f"difference {money(flow.difference_minor)}",
        f"{number(flow.postings)} postings sum to {money(flow.postings_sum_minor)}",
    )  # fmt: skip
    return lines
