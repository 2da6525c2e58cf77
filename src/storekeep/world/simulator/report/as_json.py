"""The report for programs: stable keys in a stable order, money in minor units, rates as shares of four digits."""

from dataclasses import fields
from typing import Any

from storekeep.kernel.clock import to_datetime
from storekeep.world.simulator.report.model import Counts, Ends, Figures, share
from storekeep.world.simulator.sampling import RISKS


def as_json(figures: Figures) -> dict[str, Any]:
    """Everything but the daily samples, and those in short. `wall_s` comes last: it is no part of what a seed fixes."""
    orders, fill, stock, delivery = figures.orders, figures.fill, figures.stock_outs, figures.delivery
    return {
        "seed": figures.seed,
        "days": figures.days,
        "faults": figures.profile,
        "until": figures.until,
        "hash": figures.hash,
        "violations": 0 if figures.violation is None else 1,
        "violation": _violation(figures),
        "start": _iso(figures.start),
        "end": _iso(figures.end),
        "virtual_days": figures.virtual_days,
        "events": figures.events,
        "checks": figures.checks,
        "currency": figures.currency,
        "orders": _plain(orders),
        "fill_rate": fill.rate,
        "fill": {**_plain(fill), "order_rate": fill.order_rate},
        "stock_outs": {**_plain(stock), "rate": stock.rate},
        "on_time_rate": delivery.rate,
        "delivery": {**_plain(delivery), "hand_over_rate": delivery.hand_over_rate},
        "parcels_lost": {
            "lost": figures.recovery.lost,
            "recovered": figures.recovery.recovered,
            "made_good": figures.recovery.made_good,
            "open": figures.recovery.open,
            "by_trouble": [_ends(row) for row in figures.recovery.troubled],
        },
        "refunds": {
            **{name: value for name, value in _plain(figures.refunds).items() if name != "by_kind"},
            "by_kind": [
                {"kind": kind, "count": count, "amount_minor": amount}
                for kind, count, amount in figures.refunds.by_kind
            ],
        },
        "cases": [{"kind": row.kind, **_ends(row)} for row in figures.cases],
        "contact_rate": _contact_rate(figures),
        "contact": _contact(figures),
        "money_at_risk": _risk(figures),
        "cost_to_serve": {
            **_plain(figures.cost),
            "total_minor": figures.cost.total_minor,
            "per_order_minor": figures.cost.per_order_minor,
        },
        "returns": _plain(figures.returns),
        "faults_by_kind": dict(figures.faults),
        "fault_count": figures.fault_count,
        "kills": figures.kills,
        "machinery": _plain(figures.machinery),
        "goods": {**_plain(figures.goods), "difference": figures.goods.difference},
        "money": {**_plain(figures.money), "difference_minor": figures.money.difference_minor},
        "wall_s": figures.wall_s,
    }


def _iso(at: int) -> str:
    return to_datetime(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(part: Any) -> dict[str, Any]:
    """The fields of a part, in their order; counts by name become objects."""
    found: dict[str, Any] = {}
    for each in fields(part):
        value = getattr(part, each.name)
        found[each.name] = dict(value) if isinstance(value, tuple) and each.name != "by_kind" else value
    return found


def _violation(figures: Figures) -> dict[str, Any] | None:
    bad = figures.violation
    if bad is None:
        return None
    return {
        "at": _iso(bad.at),
        "day": bad.day,
        "event": bad.event,
        "found_by": bad.found_by,
        "text": bad.text,
        "replay": bad.replay,
    }


def _ends(row: Ends) -> dict[str, Any]:
    return {"reason": row.reason, "count": row.count, "ends": dict(row.ends)}


def _contact_rate(figures: Figures) -> float | None:
    """Conversations per confirmed order, as a share."""
    return share(figures.contact.conversations, figures.contact.orders)


def _contact(figures: Figures) -> dict[str, Any]:
    contact = figures.contact
    reasons: Counts = contact.reasons
    return {
        **_plain(contact),
        "per_100_orders": contact.per_100(contact.conversations),
        "reasons_per_100_orders": {reason: contact.per_100(count) for reason, count in reasons},
    }


def _risk(figures: Figures) -> dict[str, Any] | None:
    risk = figures.risk
    if risk is None:
        return None
    parts = dict(risk.parts)
    return {"day": risk.day, "amount_minor": risk.amount_minor, "parts": {name: parts[name] for name in RISKS}}
