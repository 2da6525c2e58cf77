"""Counts twice: once from the rows of the file, once from the shop's two ledgers, and lays both side by side."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from storekeep.kernel.clock import day_of
from storekeep.kernel.db import Tx
from storekeep.shop.fulfillment.tables import fulfillment, fulfillment_line
from storekeep.shop.inventory.tables import location, stock_move
from storekeep.shop.orders.tables import order_line, sales_order
from storekeep.shop.payments import accounts
from storekeep.shop.payments.tables import ledger_entry, posting
from storekeep.world.simulator.replay.driving import Tally
from storekeep.world.simulator.replay.planning import Document, Plan
from storekeep.world.simulator.replay.reading import ZONE


@dataclass(slots=True)
class Group:
    """The sales of a month and country: orders, lines as shipped, units, revenue in pennies."""

    orders: int = 0
    lines: int = 0
    units: int = 0
    revenue_minor: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """One total, from the file and from the books."""

    name: str
    from_file: int
    from_books: int
    is_money: bool = False

    @property
    def agrees(self) -> bool:
        return self.from_file == self.from_books


@dataclass(frozen=True, slots=True)
class Outcome:
    """A replay's report. `verified` is the answer of `verify`: None when it was not asked."""

    rows: int
    documents: int
    tally: Tally
    figures: tuple[Figure, ...]
    groups: Mapping[tuple[str, str], tuple[Group, Group]]
    rejects: Mapping[str, int]
    reject_count: int
    waiting_jobs: int
    verified: str | None = None
    offenders: tuple[str, ...] = field(default=())

    @property
    def is_clean(self) -> bool:
        """Whether both counts agree everywhere, nothing ran short, no job waits, and verify found nothing."""
        same = all(figure.agrees for figure in self.figures) and all(a == b for a, b in self.groups.values())
        return same and not self.tally.stock_outs and not self.waiting_jobs and self.verified in {None, "ok"}


def count(tx: Tx, plan: Plan, tally: Tally, codes: Mapping[str, str], waiting_jobs: int) -> Outcome:
    """The report of a finished replay, without the answer of verify."""
    from_file, from_books = _groups_of_file(plan.documents), _groups_of_books(tx, codes)
    keys = sorted({*from_file, *from_books})
    groups = {key: (from_file.get(key, Group()), from_books.get(key, Group())) for key in keys}
    reasons: dict[str, int] = {}
    for reject in plan.rejects:
        reasons[reject.reason] = reasons.get(reject.reason, 0) + 1
    return Outcome(
        rows=plan.row_count,
        documents=len(plan.documents),
        tally=tally,
        figures=tuple(_figures(tx, plan)),
        groups=groups,
        rejects=dict(sorted(reasons.items(), key=lambda one: (-one[1], one[0]))),
        reject_count=len(plan.rejects),
        waiting_jobs=waiting_jobs,
    )


def _groups_of_file(documents: Iterable[Document]) -> dict[tuple[str, str], Group]:
    found: dict[tuple[str, str], Group] = {}
    for document in documents:
        for row in document.sold:
            group = found.setdefault((document.day[:7], document.country), Group())
            group.units += row.qty
            group.revenue_minor += row.total_minor
        for order in document.orders:
            group = found[document.day[:7], document.country]
            group.orders += 1
            group.lines += len(order.lines)
    return found


def _groups_of_books(tx: Tx, codes: Mapping[str, str]) -> dict[tuple[str, str], Group]:
    """Orders and lines from the orders, units from the moves to customers, revenue from the postings to sales."""
    o, f, w, m, p = sales_order.c, fulfillment.c, fulfillment_line.c, stock_move.c, posting.c
    names = {code: name for name, code in codes.items()}
    found: dict[tuple[str, str], Group] = {}
    of: dict[str, Group] = {}
    for row in tx.rows(select(o.id, o.placed_at, o.country)):
        key = (day_of(row.placed_at, ZONE)[:7], names[row.country])
        group = of[row.id] = found.setdefault(key, Group())
        group.orders += 1
    for row in tx.rows(select(order_line.c.order_id, func.count().label("n")).group_by(order_line.c.order_id)):
        of[row.order_id].lines += row.n
    sent = (
        select(f.order_id, func.sum(m.qty).label("units"))
        .join_from(stock_move, fulfillment_line, w.id == m.line_id)
        .join(fulfillment, f.id == w.fulfillment_id)
        .where(m.kind == "ship")
        .group_by(f.order_id)
    )
    for row in tx.rows(sent):
        of[row.order_id].units += int(row.units)
    earned = select(p.order_id, func.sum(p.amount_minor).label("amount")).where(
        p.account == accounts.SALES, p.order_id.is_not(None)
    )
    for row in tx.rows(earned.group_by(p.order_id)):
        of[row.order_id].revenue_minor -= int(row.amount)
    return found


def _figures(tx: Tx, plan: Plan) -> Iterable[Figure]:
    documents = plan.documents
    sold = [row for document in documents for row in document.sold]
    credits = [line for document in documents for line in document.credit]
    corrections = [each for document in documents for each in document.corrections]
    charges = [each for document in documents for each in document.charges]
    moved, money = _moved(tx), _money(tx)
    found, lost = _adjusted(tx)
    revenue = Figure("goods sold", sum(row.total_minor for row in sold), money["sales"], True)
    given = Figure("goods credited", -sum(line.total_minor for line in credits), -money["returns"], True)
    beside = Figure("charges beside goods", sum(each.amount_minor for each in charges), money["charges"], True)
    rejected = sum(one.total_minor for one in plan.rejects)
    yield Figure("units sold", sum(row.qty for row in sold), moved.get("ship", 0))
    yield Figure("units credited", -sum(line.units for line in credits), -moved.get("return_in", 0))
    yield Figure("units found", sum(max(0, each.delta) for each in corrections), found)
    yield Figure("units written off", sum(min(0, each.delta) for each in corrections), -lost)
    units = moved.get("ship", 0) - moved.get("return_in", 0) + found - lost
    aside = sum(each.qty for each in charges) + sum(one.qty for one in plan.rejects)
    yield Figure("units in all, with charges and rejects", plan.units, units + aside)
    yield revenue
    yield given
    yield beside
    total = revenue.from_books + given.from_books + beside.from_books + rejected
    yield Figure("money in all, with rejects", plan.total_minor, total, True)
    yield Figure("money that came in for goods", revenue.from_file + given.from_file, money["cash"], True)


def _moved(tx: Tx) -> dict[str, int]:
    m = stock_move.c
    rows = tx.rows(select(m.kind, func.sum(m.qty).label("units")).group_by(m.kind))
    return {row.kind: int(row.units) for row in rows}


def _adjusted(tx: Tx) -> tuple[int, int]:
    """Units found and units lost by adjustments: told apart by whether they came from a place that is not ours."""
    m = stock_move.c
    query = (
        select(location.c.is_owned, func.sum(m.qty).label("units"))
        .join_from(stock_move, location, location.c.id == m.from_location_id)
        .where(m.kind == "adjust")
        .group_by(location.c.is_owned)
    )
    units = {bool(row.is_owned): int(row.units) for row in tx.rows(query)}
    return units.get(False, 0), units.get(True, 0)


def _money(tx: Tx) -> dict[str, int]:
    """Sums of postings, each on the side that makes it positive: sales and returns of goods, charges, cash."""
    p, e = posting.c, ledger_entry.c
    query = select(p.account, e.kind, func.sum(p.amount_minor).label("amount")).join_from(
        posting, ledger_entry, e.id == p.entry_id
    )
    sums = {(row.account, row.kind): int(row.amount) for row in tx.rows(query.group_by(p.account, e.kind))}
    apart = "charge.apart"

    def total(account: str) -> int:
        return sum(amount for (of, kind), amount in sums.items() if of == account and kind != apart)

    return {
        "sales": -total(accounts.SALES),
        "returns": total(accounts.RETURNS),
        "charges": -sum(amount for (of, kind), amount in sums.items() if kind == apart and of != accounts.BANK),
        "cash": total(accounts.CLEARING) + total(accounts.BANK),
    }


def as_json(outcome: Outcome) -> dict[str, Any]:
    """The report as plain data; money in pennies."""
    return {
        "clean": outcome.is_clean,
        "rows": outcome.rows,
        "documents": outcome.documents,
        **{name: getattr(outcome.tally, name) for name in Tally.__slots__},
        "figures": [
            {"name": one.name, "from_file": one.from_file, "from_books": one.from_books, "agrees": one.agrees}
            for one in outcome.figures
        ],
        "sales": [
            {"month": month, "country": country, "from_file": _plain(file), "from_books": _plain(books)}
            for (month, country), (file, books) in outcome.groups.items()
        ],
        "rejected_rows": outcome.reject_count,
        "rejects": dict(outcome.rejects),
        "waiting_jobs": outcome.waiting_jobs,
        "verify": outcome.verified,
        "offenders": list(outcome.offenders),
    }


def _plain(group: Group) -> dict[str, int]:
    return {name: getattr(group, name) for name in Group.__slots__}


def as_text(outcome: Outcome) -> str:
    """The report for people; money in pounds."""
    tally = outcome.tally
    lines = [
        f"{outcome.rows:,} rows, {outcome.documents:,} documents: {tally.orders:,} orders, "
        f"{tally.credit_notes:,} credit notes",
        f"returns: {tally.returns:,} of {tally.matched_units:,} units on {tally.matched_lines:,} lines; "
        f"blind returns: {tally.blind_returns:,} of {tally.blind_units:,} units on {tally.blind_lines:,} lines; "
        f"manual credits: {tally.manual_credits:,}",
        f"stock-outs: {tally.stock_outs}; jobs left over: {outcome.waiting_jobs}",
        "",
        f"{'month':8} {'country':22} {'orders':>7} {'lines':>8} {'units':>10} {'revenue':>14}  file and books",
    ]
    for (month, country), (file, books) in outcome.groups.items():
        lines.append(
            f"{month:8} {country:22} {books.orders:>7,} {books.lines:>8,} {books.units:>10,} "
            f"{_pounds(books.revenue_minor):>14}  {_same(file == books)}"
        )
    lines += ["", f"{'total':40} {'from the file':>16} {'from the books':>16}"]
    for one in outcome.figures:
        shown = [_pounds(n) if one.is_money else f"{n:,}" for n in (one.from_file, one.from_books)]
        lines.append(f"{one.name:40} {shown[0]:>16} {shown[1]:>16}  {_same(one.agrees)}")
    lines += ["", f"rejected rows: {outcome.reject_count:,}"]
    lines += [f"  {n:>7,}  {reason}" for reason, n in outcome.rejects.items()]
    lines += ["", f"verify: {outcome.verified or 'not run'}", *(f"  {one}" for one in outcome.offenders)]
    return "\n".join(lines)


def _same(agrees: bool) -> str:
    return "agree" if agrees else "DIFFER"


def _pounds(pennies: int) -> str:
    sign = "-" if pennies < 0 else ""
    return f"{sign}{abs(pennies) // 100:,}.{abs(pennies) % 100:02}"
