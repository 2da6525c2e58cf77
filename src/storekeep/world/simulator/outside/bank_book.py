"""The provider's book held against ours, in both directions, once everything has come to rest."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from storekeep.kernel.bulk import among
from storekeep.kernel.clock import DAY, Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.tables import outbox
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.payments.providers import ProviderPayment
from storekeep.shop.payments.tables import payment, payment_attempt, refund
from storekeep.world.simulator.outside.provider import PlayedProvider

LIVE = ("authorized", "captured")
#: How long the money of a payment is watched every day
LATELY: Instant = 10 * DAY
#: What became of a refund at the provider, in our words.
_ENDS = {
    "pending": ("pending",), "succeeded": ("succeeded",), "canceled": ("canceled",),
    "failed": ("failed", "canceled", "requested"),
}  # fmt: skip


def book_differences(tx: Tx, provider: PlayedProvider) -> list[str]:
    """What the provider's book and ours do not agree on, one line each; none when all is well.

    For a quiet end: nothing may be under way. Amounts are in minor units.
    """
    shown = [seen for seen in provider.book() if seen.charges or seen.refunds]
    ours = tx.rows(
        select(
            payment, sales_order.c.number.label("order_number"), sales_order.c.status.label("order_status")
        )
        .join_from(payment, sales_order, sales_order.c.id == payment.c.order_id)
        .where(payment.c.provider == provider.name)
        .order_by(payment.c.id)
    )
    a = payment_attempt.c
    attempts = {row.id: row.payment_id for row in tx.rows(select(a.id, a.payment_id).order_by(a.id))}
    by_id = {row.id: row for row in ours}
    found: list[str] = []
    seen_of: dict[str, ProviderPayment] = {}
    for seen in shown:
        row = by_id.get(attempts.get(str(seen.attempt_id), ""))
        if row is None:
            found.append(f"the provider's {seen.payment_ref} of {seen.amount_minor} belongs to no payment of ours")
        elif row.id in seen_of:
            found.append(f"payment {row.id} has two payments at the provider")
        else:
            seen_of[row.id] = seen
            found += _payment_differences(row, seen)
    for row in ours:
        if row.id not in seen_of and (row.captured_minor or row.authorized_minor or row.refunded_minor):
            found.append(f"payment {row.id} of order {row.order_number} holds money that the provider knows nothing of")
    return found + _charged_twice(by_id, seen_of) + _refund_differences(tx, by_id, seen_of)


def money_too_much(tx: Tx, provider: PlayedProvider) -> list[str]:
    """Orders paid lately of which the provider keeps more than is owed, or enough even without one of the payments.

    What is known to go back is not kept. For any moment: such a thing is soon put right. Whoever finds the same one
    again a day later has found a fault.
    """
    kept: Counter[int] = Counter()
    set_aside: dict[int, list[int]] = {}
    for seen in provider.paid_since(provider.play.now - LATELY):
        number = int(seen.order_ref or 0)
        kept[number] += seen.captured_minor - seen.refunded_minor
        if seen.capturable_minor:
            set_aside.setdefault(number, []).append(seen.capturable_minor)
    o, r = sales_order.c, refund.c
    going = select(func.coalesce(func.sum(r.amount_minor), 0)).where(
        r.order_id == o.id, r.status.not_in(("succeeded", "canceled"))
    )
    query = select(o.number, o.status, o.owed_minor, going.scalar_subquery().label("going"))
    found = []
    for row in tx.rows(query.where(among(o.number, list(kept)), ~_in_hand(o.id)).order_by(o.number)):
        needed, amounts = row.owed_minor + row.going, set_aside.get(row.number, [])
        held = kept[row.number] + sum(amounts)
        if kept[row.number] > needed or (amounts and held - min(amounts) >= needed):
            text = f"order {row.number} is {row.status} and {row.owed_minor} are owed, but the provider holds {held}"
            found.append(text)
    return found


def _in_hand(order_id: Any) -> Any:
    """An errand about the order's money is still to be done, or was given up in plain sight."""
    o = outbox.c
    return select(o.id).where(o.subject_id == order_id, o.kind.startswith("payment."), o.status != "done").exists()


def money_misjudged(tx: Tx, provider: PlayedProvider) -> list[str]:
    """Payments made lately of which we believe another amount to be taken than the provider took. For any moment."""
    shown = {str(seen.attempt_id): seen for seen in provider.paid_since(provider.play.now - LATELY)}
    a = payment_attempt.c
    query = select(a.id, payment.c.captured_minor).join_from(payment_attempt, payment, payment.c.id == a.payment_id)
    query = query.where(among(a.id, list(shown)), ~_in_hand(a.order_id))
    return [
        f"{shown[row.id].payment_ref}: captured is {row.captured_minor} here and {shown[row.id].captured_minor} there"
        for row in tx.rows(query.order_by(a.id))
        if row.captured_minor != shown[row.id].captured_minor
    ]


def _payment_differences(row: Any, seen: ProviderPayment) -> list[str]:
    given_back = sum(each.amount_minor for each in seen.refunds if each.status == "succeeded")
    pairs = (
        ("order", str(row.order_number), seen.order_ref),
        ("currency", row.currency, seen.currency),
        ("amount", row.amount_minor, seen.amount_minor),
        ("set aside", row.authorized_minor, seen.capturable_minor),
        ("captured", row.captured_minor, seen.captured_minor),
        ("refunded", row.refunded_minor, given_back),
        ("reference", row.provider_ref, seen.payment_ref if seen.status in LIVE else row.provider_ref),
    )
    found = [
        f"order {row.order_number}, {seen.payment_ref}: {what} is {mine} here and {theirs} at the provider"
        for what, mine, theirs in pairs
        if mine != theirs
    ]
    if row.order_status in {"canceled", "expired"}:
        bounced = sum(each.amount_minor for each in seen.refunds if each.status == "failed")
        kept = seen.captured_minor - seen.refunded_minor
        if kept > bounced:
            found.append(f"order {row.order_number} is {row.order_status}, but {kept} of it are kept")
        if seen.capturable_minor:
            found.append(f"order {row.order_number} is {row.order_status}, but {seen.capturable_minor} are set aside")
    return found


def _charged_twice(by_id: Mapping[str, Any], seen_of: Mapping[str, ProviderPayment]) -> list[str]:
    """Orders with more than one charge that is neither canceled nor given back in full."""
    live = Counter(
        by_id[each].order_number
        for each, seen in seen_of.items()
        if seen.capturable_minor or seen.captured_minor > seen.refunded_minor
    )
    return [f"order {number} is charged {count} times" for number, count in sorted(live.items()) if count > 1]


def _refund_differences(
    tx: Tx, by_id: Mapping[str, Any], seen_of: Mapping[str, ProviderPayment]
) -> list[str]:
    """Each refund of ours is one at the provider and the other way round; of several tries the last one counts."""
    rows: dict[str, Any] = {
        row.id: row for row in tx.rows(select(refund).order_by(refund.c.number)) if row.payment_id in by_id
    }
    found: list[str] = []
    last: dict[str, Any] = {}
    for payment_id, seen in seen_of.items():
        for each in seen.refunds:
            row = rows.get(str(each.refund_id))
            if row is None or row.payment_id != payment_id or row.amount_minor != each.amount_minor:
                found.append(f"the provider's refund {each.ref} of {each.amount_minor} is none of ours")
            else:
                last[row.id] = each
        found += _tried_twice(seen.refunds)
    for row in rows.values():
        made = last.get(row.id)
        if made is None and row.status not in {"requested", "failed", "canceled"}:
            found.append(f"refund {row.number} is {row.status}, but the provider never heard of it")
        elif made is not None and row.status not in _ENDS[made.status]:
            found.append(f"refund {row.number} is {row.status} here and {made.status} at the provider")
    return found


def _tried_twice(refunds: Sequence[Any]) -> list[str]:
    """A refund may be tried again only after the try before it failed."""
    paid = Counter(each.refund_id for each in refunds if each.status != "failed")
    return [f"refund {refund_id} was paid out {count} times" for refund_id, count in paid.items() if count > 1]
