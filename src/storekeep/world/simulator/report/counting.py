"""Counts a finished run, from the ledgers and statuses of its database and, where only the world knows, its tally."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import String, case, cast, func, literal, select

from storekeep.kernel.db import Tx
from storekeep.shop.catalog.tables import variant
from storekeep.shop.orders.tables import (
    order_adjustment,
    order_adjustment_line,
    order_line,
    order_part,
    sales_order,
)
from storekeep.world.simulator.report import counting_books, counting_service
from storekeep.world.simulator.report.model import Counts, Figures, Fill, Found, Orders, Risk, StockOuts
from storekeep.world.simulator.sampling import RISKS
from storekeep.world.simulator.simulation import Run, Setting

FAULT, KILLED, NOT_PLACED = "fault: ", "fault: killed ", "not placed: "


def figures(
    tx: Tx,
    run: Run,
    wall_s: float = 0.0,
    *,
    promotions: Sequence[tuple[str, str, str]] = (),
    currency: str = "EUR",
    timezone: str = "Europe/Berlin",
    replay: str | None = None,
) -> Figures:
    """Everything that the report says about `run`. Reads only; `tx` sees the database as the run left it.

    `wall_s` is how long it took, `promotions` are (first day, last day, code), `replay` the command that plays up to a
    violation (None: that of a generated demand).
    """
    setting = run.setting
    return Figures(
        seed=setting.seed,
        days=setting.days,
        profile=setting.faults,
        until=setting.until,
        start=run.start,
        end=run.end,
        events=run.events,
        checks=run.checks,
        hash=run.hash,
        currency=currency,
        timezone=timezone,
        violation=_found(run, replay),
        orders=_orders(tx),
        fill=_fill(tx, run.tally),
        stock_outs=_stock_outs(tx, run.samples),
        delivery=counting_service.delivery(tx, timezone),
        recovery=counting_service.recovery(tx),
        refunds=counting_service.refunds(tx),
        cases=counting_service.cases(tx),
        contact=counting_service.contact(tx),
        risk=_risk(run.samples),
        cost=counting_books.cost(tx),
        returns=counting_service.returns(tx),
        faults=_faults(run.tally),
        kills=sum(count for name, count in run.tally.items() if name.startswith(KILLED)),
        machinery=counting_books.machinery(tx, run.tally),
        goods=counting_books.goods(tx),
        money=counting_books.money(tx),
        promotions=tuple((first, last, code) for first, last, code in promotions),
        samples=tuple(dict(sample) for sample in run.samples),
        wall_s=round(wall_s, 1),
    )


def replay_command(setting: Setting, event: int) -> str:
    """The command that plays the same run up to an event and stops before the next."""
    return (
        f"storekeep simulate --days {setting.days} --seed {setting.seed} --faults {setting.faults} --until {event}"
    )


def ranked(counted: Mapping[str, int] | Iterable[str]) -> Counts:
    """Names with their counts, the most frequent first."""
    return tuple(sorted(Counter(counted).items(), key=lambda one: (-one[1], one[0])))


def _found(run: Run, replay: str | None) -> Found | None:
    bad = run.violation
    if bad is None:
        return None
    command = replay or replay_command(run.setting, bad.event)
    return Found(bad.at, bad.day, bad.event, bad.found_by, bad.text, command)


def _faults(tally: Mapping[str, int]) -> Counts:
    """Faults by kind; the many places where a program can be killed are one."""
    found: Counter[str] = Counter()
    for name, count in tally.items():
        if name.startswith(FAULT):
            found["program killed" if name.startswith(KILLED) else name.removeprefix(FAULT)] += count
    return ranked(found)


def _orders(tx: Tx) -> Orders:
    o = sales_order.c
    by_status = counting_service.by_status(tx, sales_order)
    confirmed = o.confirmed_at.is_not(None)
    row = tx.first(
        select(
            func.coalesce(func.sum(case((confirmed, 1), else_=0)), 0).label("confirmed"),
            func.coalesce(func.sum(o.total_minor), 0).label("value"),
            func.coalesce(func.sum(case((confirmed, o.total_minor), else_=0)), 0).label("confirmed_value"),
            func.min(o.number).label("first"),
        )
    )
    assert row is not None
    return Orders(
        placed=sum(by_status.values()),
        confirmed=int(row.confirmed),
        completed=by_status.get("completed", 0),
        canceled=by_status.get("canceled", 0),
        expired=by_status.get("expired", 0),
        pending=by_status.get("pending_payment", 0),
        open=by_status.get("open", 0),
        units=int(tx.scalar(select(func.sum(order_line.c.ordered))) or 0),
        value_minor=int(row.value),
        confirmed_value_minor=int(row.confirmed_value),
        first_number=row.first,
    )


def _fill(tx: Tx, tally: Mapping[str, int]) -> Fill:
    line, o = order_line.c, sales_order.c
    left = line.ordered - line.canceled - line.fulfilled
    is_unpaid = o.status.in_(("expired", "pending_payment"))
    row = tx.first(
        select(
            func.coalesce(func.sum(line.ordered), 0).label("ordered"),
            func.coalesce(func.sum(line.canceled), 0).label("canceled"),
            func.coalesce(func.sum(line.fulfilled), 0).label("sent"),
            func.coalesce(func.sum(case((is_unpaid, left), else_=0)), 0).label("unpaid"),
        ).join_from(order_line, sales_order, o.id == line.order_id)
    )
    assert row is not None
    short = _short(tx)
    ordered, canceled, sent, unpaid = int(row.ordered), int(row.canceled), int(row.sent), int(row.unpaid)
    wanted = max(tally.get("units wanted", 0), ordered)
    return Fill(
        wanted=wanted,
        missed=wanted - ordered,
        ordered=ordered,
        unpaid=unpaid,
        called_off=canceled - short,
        short=short,
        under_way=ordered - canceled - sent - unpaid,
        sent=sent,
        visits=tally.get("visits", 0),
        visits_in_vain=tally.get("visits that found nothing", 0) + tally.get(f"{NOT_PLACED}out_of_stock", 0),
    )


def _short(tx: Tx) -> int:
    """Units canceled because they were not there. Such a cancellation is a part of what went wrong in the warehouse,
    so its command is that of the loss, and ends in the order that it hit; people cancel under commands of their own."""
    a, al, part = order_adjustment.c, order_adjustment_line.c, order_part.c
    of_a_loss = a.command_id.like(literal("%:") + cast(a.order_id, String))
    query = (
        select(func.sum(al.units))
        .join_from(order_adjustment_line, order_adjustment, a.id == al.adjustment_id)
        .join(order_part, part.id == al.part_id)
        .where(a.kind == "cancellation", part.kind == "goods", of_a_loss)
    )
    return int(tx.scalar(query) or 0)


def _stock_outs(tx: Tx, samples: Sequence[Mapping[str, Any]]) -> StockOuts:
    variants = int(tx.scalar(select(func.count()).select_from(variant)) or 0)
    worst = max(samples, key=lambda sample: (sample["out_of_stock"], -sample["day"]), default=None)
    return StockOuts(
        variant_days=sum(sample["out_of_stock"] for sample in samples),
        of_days=variants * len(samples),
        worst=worst["out_of_stock"] if worst else 0,
        worst_day=worst["day"] if worst else 0,
    )


def _risk(samples: Sequence[Mapping[str, int]]) -> Risk | None:
    if not samples:
        return None
    worst = max(samples, key=lambda sample: (sample["at_risk_minor"], -sample["day"]))
    return Risk(worst["day"], worst["at_risk_minor"], tuple((part, worst[part]) for part in RISKS))
