"""The tables of the page: what no chart shows better."""

from collections.abc import Iterator

from storekeep.world.simulator.report import words
from storekeep.world.simulator.report.model import Figures
from storekeep.world.simulator.report.parts import section, table
from storekeep.world.simulator.report.words import number, percent

Rows = list[tuple[str, str | int]]


def sections(figures: Figures) -> Iterator[str]:
    """From wish to parcel, promises, parcels in trouble, refunds, returns, cost, queues, conservation."""
    yield _fill(figures)
    yield _delivery(figures)
    yield _recovery(figures)
    yield _refunds(figures)
    yield _cost(figures)
    yield _returns(figures)
    yield _machinery(figures)
    yield _whole(figures)


def _pairs(caption: str, rows: Rows, heads: tuple[str, str]) -> str:
    return table(caption, heads, [row for row in rows if row[1] != ""])


def _fill(figures: Figures) -> str:
    fill = figures.fill
    rows: Rows = [
        ("wanted", fill.wanted), ("not there when wanted", fill.missed), ("ordered", fill.ordered),
        ("never paid, or not yet", fill.unpaid), ("called off", fill.called_off),
        ("short in the warehouse", fill.short), ("still to send", fill.under_way), ("sent", fill.sent),
        ("fill rate", percent(fill.rate)),
        ("of ordered units alone", percent(fill.order_rate)),
    ]  # fmt: skip
    said = "Fill rate: sent of sent, short and not there. Unpaid and called off units count for neither side."
    return section("From wish to parcel", [_pairs(said, rows, ("Units", ""))], ["storekeep verify --id O2 --id X2"])


def _delivery(figures: Figures) -> str:
    delivery = figures.delivery
    rows: Rows = [
        ("parcels", delivery.parcels), ("handed over", delivery.handed_over), ("delivered", delivery.delivered),
        ("came back", delivery.returned), ("delivered by the promised day", delivery.on_time),
        *((f"late by {name}", count) for name, count in delivery.late),
        ("on time", percent(delivery.rate)), ("hand-overs on the day planned", delivery.hand_overs_on_time),
        ("of hand-overs", delivery.hand_overs), ("handed over on time", percent(delivery.hand_over_rate)),
    ]  # fmt: skip
    said = "On time: the local day of the delivery is not after the promised day."
    how = ["storekeep verify --id S10 --id S13"]
    return section("Promises", [_pairs(said, rows, ("Parcels", ""))], how)


def _recovery(figures: Figures) -> str:
    found = figures.recovery
    rows = [
        (words.reason(each.reason) if n == 0 else "", end, count)
        for each in found.troubled
        for n, (end, count) in enumerate(each.ends)
    ]
    said = (
        f"{number(found.lost)} silent or lost: {number(found.recovered)} turned up, {number(found.made_good)} were "
        f"sent again or refunded, {number(found.open)} are open."
    )
    inside = table(said, ("Trouble", "Ended", "Parcels"), rows, words=2) if rows else "<p>No parcel was in trouble.</p>"
    return section("Parcels in trouble", [inside], ["storekeep verify --id S10 --id C6"])


def _refunds(figures: Figures) -> str:
    refunds, currency = figures.refunds, figures.currency
    rows: list[tuple[str | int, ...]] = [
        (kind, count, words.money(amount, currency)) for kind, count, amount in refunds.by_kind
    ]
    rows += [
        ("all", refunds.count, words.money(refunds.amount_minor, currency)),
        ("succeeded", refunds.succeeded, words.money(refunds.succeeded_minor, currency)),
        ("under way", refunds.under_way, ""), ("failed for now", refunds.failed, ""),
        ("failures on the way", refunds.failures, ""), ("tried again", refunds.repeated, ""),
    ]  # fmt: skip
    how = ["storekeep verify --id M5 --id M15", "storekeep explain payment ORDER_NUMBER"]
    return section("Refunds", [table("By what they were for", ("Refunds", "Count", "Money"), rows)], how)


def _cost(figures: Figures) -> str:
    cost, currency = figures.cost, figures.currency
    each = "none" if cost.per_order_minor is None else words.money(cost.per_order_minor, currency)
    rows: Rows = [
        ("labels, less those handed back", words.money(cost.labels_minor, currency)),
        ("goods sent again for nothing, at cost", words.money(cost.replaced_minor, currency)),
        ("refunds of goods that stayed away", words.money(cost.unreturned_minor, currency)),
        ("returned goods thrown away, at cost", words.money(cost.scrapped_minor, currency)),
        ("all", words.money(cost.total_minor, currency)), ("orders sent", cost.orders_sent), ("per order sent", each),
    ]  # fmt: skip
    said = "What the orders that were sent cost beside their goods."
    return section("Cost to serve", [_pairs(said, rows, ("Cost", ""))], ["storekeep verify --id M12 --id X1"])


def _returns(figures: Figures) -> str:
    back = figures.returns
    rows: Rows = [
        ("returns agreed to", back.announced), ("of units", back.units_announced), ("returns that came", back.received),
        ("units that came", back.units_received), ("back on the shelf", back.restocked),
        ("set aside", back.quarantined), ("thrown away", back.scrapped), ("not decided yet", back.undecided),
        ("called off or never came", back.canceled),
    ]  # fmt: skip
    how = ["storekeep verify --id C8 --id C9"]
    return section("Returns", [_pairs("What came back and what became of it", rows, ("Returns", ""))], how)


def _machinery(figures: Figures) -> str:
    found = figures.machinery
    rows: Rows = [
        ("jobs", found.jobs), ("took several tries", found.jobs_again), ("waiting", found.jobs_waiting),
        ("given up", found.jobs_dead), *((f"given up: {kind}", count) for kind, count in found.dead_by_kind),
        ("webhooks posted to us", found.webhooks_sent), ("webhooks kept, each once", found.webhooks),
        ("forged webhooks refused", found.forged_refused), ("scans of carriers", found.scans), ("mails", found.mails),
        ("mails sent", found.mails_sent), ("mails failed", found.mails_failed), ("mails waiting", found.mails_queued),
        ("answers lost, asked for again", found.answers_lost),
        ("failures that people were told of", found.failures_told),
    ]  # fmt: skip
    said = "Queues, mail, and what came from outside"
    return section("Machinery", [_pairs(said, rows, ("Count", ""))], ["storekeep verify --id K1 --id K4"])


def _whole(figures: Figures) -> str:
    goods, flow, currency = figures.goods, figures.money, figures.currency
    units: Rows = [
        ("received from suppliers", goods.received), ("came back from customers", goods.returned),
        ("found when counted", goods.found), ("came otherwise", goods.other_in or ""),
        ("sent to customers", -goods.sent), ("thrown away", -goods.scrapped),
        ("lost, or missing when counted", -goods.lost),
        ("left otherwise", -goods.other_out or ""), ("on hand", -goods.on_hand), ("difference", goods.difference),
    ]  # fmt: skip
    cents: Rows = [
        ("taken, says the provider", words.money(flow.taken_minor, currency)),
        ("given back, says the provider", words.money(-flow.given_back_minor, currency)),
        ("with the provider, say the books", words.money(-flow.clearing_minor, currency)),
        ("difference", words.money(flow.difference_minor, currency)),
        (f"sum of {number(flow.postings)} postings", words.money(flow.postings_sum_minor, currency)),
    ]
    tables = [_pairs("Units, from the ledger of moves", units, ("Units", ""))]
    tables.append(_pairs("Money at the payment provider, against account 1200", cents, ("Money", "")))
    how = ["storekeep verify --id G1 --id G2 --id M1 --id M12"]
    return section("Nothing from nowhere", tables, how)
