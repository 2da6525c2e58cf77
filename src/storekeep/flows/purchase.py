"""Buying: an order is written from wants, approved, sent, confirmed, changed, canceled, or its rest closed.

Each verb is one transaction of the caller, idempotent by its command id, and audited. Goods and money move elsewhere:
when the goods come (`receipts`) and when their invoice is matched (`supplier_invoices`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import update

from storekeep.flows import once, ordering_mails
from storekeep.kernel import audit, lifecycle, settings
from storekeep.kernel.clock import day_of
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, Problem, Refused
from storekeep.kernel.money import format_plain
from storekeep.shop.catalog.lookups import variants_by_ids
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.model import check_reason
from storekeep.shop.purchasing import orders, receiving, suppliers
from storekeep.shop.purchasing.model import APPROVAL_LIMIT, Amendment, Confirmation, Sized, Terms, Want, sized
from storekeep.shop.purchasing.states import AMENDABLE, PURCHASE_ORDER
from storekeep.shop.purchasing.tables import purchase_order, purchase_order_line
from storekeep.shop.site import profile

MOST_LINES = 5_000


@dataclass(frozen=True, slots=True)
class Bought:
    """The drafts that were written, one per supplier, and the variants that nobody sells us."""

    order_ids: tuple[str, ...]
    without_supplier: tuple[str, ...]


# --- writing ----------------------------------------------------------------------------------------------------------


def create(
    tx: Tx, supplier_id: str, warehouse_id: str, wants: Sequence[Want], command_id: str, *, note: str = ""
) -> str:
    """Write a draft of an order to one supplier; returns its id. Equal variants are added up.

    Quantities are raised to the smallest order and to whole packs, and each line keeps why. Raises `Refused` naming
    every variant that the supplier does not sell. Idempotent by command.
    """
    supplier = suppliers.load(tx, supplier_id, lock=True)
    asked = [supplier_id, warehouse_id, [[want.variant_id, want.qty] for want in wants], note]
    if (known := once.answer(tx, "purchase.create", command_id, asked)) is not None:
        return str(known)
    if supplier.status != "active":
        raise Conflict(f"{supplier.name} is archived; take it up again before you order there")
    locations.places(tx, warehouse_id)
    total = _summed(wants)
    terms = suppliers.terms_of(tx, supplier_id, list(total))
    _refuse_strangers(tx, supplier.name, total, terms)
    order_id = _write(tx, supplier, warehouse_id, total, terms, note)
    once.remember(tx, "purchase.create", command_id, asked, order_id)
    return order_id


def create_per_supplier(tx: Tx, warehouse_id: str, wants: Sequence[Want], command_id: str, *, note: str = "") -> Bought:
    """Write a draft per preferred supplier for a list of wants. Idempotent by command. See `create`."""
    asked = [warehouse_id, [[want.variant_id, want.qty] for want in wants], note]
    total = _summed(wants)
    terms = suppliers.preferred_terms(tx, list(total))
    suppliers.lock(tx, {each.supplier_id for each in terms.values()})
    if (known := once.answer(tx, "purchase.create_all", command_id, asked)) is not None:
        return Bought(*(tuple(each) for each in known))
    baskets: dict[str, list[Want]] = {}
    for variant_id, qty in total.items():
        if variant_id in terms:
            baskets.setdefault(terms[variant_id].supplier_id, []).append(Want(variant_id, qty))
    made = [
        create(tx, supplier_id, warehouse_id, basket, f"{command_id}:{supplier_id}", note=note)
        for supplier_id, basket in sorted(baskets.items())
    ]
    done = Bought(tuple(made), tuple(each for each in total if each not in terms))
    once.remember(tx, "purchase.create_all", command_id, asked, [done.order_ids, done.without_supplier])
    return done


def _summed(wants: Sequence[Want]) -> dict[str, int]:
    total: dict[str, int] = {}
    for n, want in enumerate(wants):
        if isinstance(want.qty, bool) or not 0 < want.qty <= suppliers.MOST_UNITS:
            raise Invalid(f"lines[{n}].qty", f"order from 1 to {suppliers.MOST_UNITS:,} units, not {want.qty}")
        total[want.variant_id] = total.get(want.variant_id, 0) + want.qty
    if not total:
        raise Invalid("lines", "an order needs at least one line")
    if len(total) > MOST_LINES:
        raise Invalid("lines", f"an order holds at most {MOST_LINES:,} lines; write several")
    return total


def _refuse_strangers(tx: Tx, name: str, wanted: Mapping[str, int], terms: Mapping[str, Terms]) -> None:
    strangers = [each for each in wanted if each not in terms]
    if strangers:
        facts = variants_by_ids(tx, strangers)
        told = [facts[each].sku if each in facts else each for each in strangers]
        raise Refused([Problem("not_sold", f"{name} does not sell {sku} to us; add its terms first", path="lines")
                       for sku in told])  # fmt: skip


def _write(
    tx: Tx, supplier: Any, warehouse_id: str, total: Mapping[str, int], terms: Mapping[str, Terms], note: str
) -> str:
    facts = variants_by_ids(tx, total)
    ordered = sorted(total, key=lambda each: facts[each].sku)
    lines = [sized(Want(each, total[each]), terms[each], supplier.currency) for each in ordered]
    order_id = orders.write(tx, supplier, warehouse_id, lines, _expected(tx, supplier, lines), note.strip()[:1000])
    facts_told = {
        "supplier": supplier.code,
        "lines": len(lines),
        "total_minor": sum(line.value_minor for line in lines),
    }
    audit.record(tx, [audit.Entry("purchase.created", "purchase_order", order_id, None, facts_told)])
    return order_id


def _expected(tx: Tx, supplier: Any, lines: Sequence[Sized]) -> dict[str, str]:
    """variant -> the day on which it comes when it is ordered on the supplier's next order day."""
    first = order_day(tx, supplier.order_days)
    return {line.variant_id: (first + timedelta(days=line.lead_days)).isoformat() for line in lines}


def order_day(tx: Tx, order_days: str) -> date:
    """Today, or the next day on which the supplier takes orders, in the shop's time zone."""
    day = date.fromisoformat(day_of(tx.now, profile.load(tx).timezone))
    while order_days and str(day.isoweekday()) not in order_days:
        day += timedelta(days=1)
    return day


# --- deciding and telling ---------------------------------------------------------------------------------------------


def approve(tx: Tx, order_id: str, command_id: str, *, reason: str = "") -> None:
    """Agree to an order. Above the shop's limit somebody else than who wrote it must (`Forbidden`).

    Below the supplier's smallest order a reason is asked for (`Refused`). Idempotent by command.
    """
    row = orders.load(tx, order_id, lock=True)
    if once.answer(tx, "purchase.approve", command_id, [order_id, reason]) is not None:
        return
    supplier = suppliers.load(tx, row.supplier_id)
    total = orders.total_of(orders.lines_of(tx, [order_id]))
    _check_limit(tx, row, total)
    short = supplier.minimum_order_minor - total
    if short > 0 and not reason.strip():
        money = [
            f"{format_plain(minor, row.currency)} {row.currency}" for minor in (short, supplier.minimum_order_minor)
        ]
        text = f"{money[0]} are missing to the smallest order of {supplier.name}, {money[1]}; add lines, or say why not"
        raise Refused([Problem("below_minimum", text, path="reason", data={"short_minor": short})])
    lifecycle.advance(tx, PURCHASE_ORDER, purchase_order, [order_id], "approved", expect=("draft",))
    facts = {"total_minor": total, "reason": reason.strip()[:500]}
    audit.record(tx, [audit.Entry("purchase.approved", "purchase_order", order_id, None, facts)])
    once.remember(tx, "purchase.approve", command_id, [order_id, reason], True)


def _check_limit(tx: Tx, row: Any, total: int) -> None:
    limit = settings.read(tx, APPROVAL_LIMIT)
    if limit is not None and total > limit and tx.actor == row.created_by:
        most = f"{format_plain(limit, row.currency)} {row.currency}"
        raise Forbidden(f"Above {most} an order is approved by somebody else than who wrote it.")


def send(tx: Tx, order_id: str, command_id: str) -> None:
    """Tell the supplier: a mail with the whole order is queued. Days are counted from now. Idempotent by command."""
    row = orders.load(tx, order_id, lock=True)
    if once.answer(tx, "purchase.send", command_id, order_id) is not None:
        return
    supplier = suppliers.load(tx, row.supplier_id)
    lifecycle.advance(
        tx, PURCHASE_ORDER, purchase_order, [order_id], "sent", sets={"sent_at": tx.now}, expect=("approved",)
    )
    lines = orders.lines_of(tx, [order_id])
    terms = suppliers.terms_of(tx, supplier.id, [line.variant_id for line in lines])
    first = order_day(tx, supplier.order_days)
    days = {
        line.id: (first + timedelta(days=terms[line.variant_id].lead_days)).isoformat()
        if line.variant_id in terms else line.expected_on
        for line in lines
    }  # fmt: skip
    orders.set_expected(tx, order_id, days)
    ordering_mails.order(tx, supplier, orders.load(tx, order_id), orders.lines_of(tx, [order_id]), changed=False)
    audit.record(tx, [audit.Entry("purchase.sent", "purchase_order", order_id, None, {"to": supplier.email})])
    once.remember(tx, "purchase.send", command_id, order_id, True)


def confirm(tx: Tx, order_id: str, answers: Sequence[Confirmation], command_id: str) -> None:
    """Keep what the supplier says of lines: units, days, prices. A later answer replaces the one before it.

    A line that is not named is confirmed as it was ordered when nobody has said anything of it yet. What came stays.
    Raises `Refused` naming the lines at fault. Idempotent by command.
    """
    row = orders.load(tx, order_id, lock=True)
    asked = [order_id, sorted([a.line_id, a.qty, a.on, a.unit_price_e4] for a in answers)]
    if once.answer(tx, "purchase.confirm", command_id, asked) is not None:
        return
    if row.status not in ("sent", "confirmed", "part_received"):
        raise IllegalMove(PURCHASE_ORDER.name, order_id, row.status, "confirmed")
    lines = {line.id: line for line in orders.lines_of(tx, [order_id])}
    _check_answers(answers, lines)
    named = {answer.line_id for answer in answers}
    silent = [
        Confirmation(line.id, line.ordered, line.expected_on)
        for line in lines.values() if line.id not in named and line.confirmed_qty is None
    ]  # fmt: skip
    orders.confirm(tx, [*answers, *silent])
    if row.status == "sent":
        sets = {"confirmed_at": tx.now}
        lifecycle.advance(tx, PURCHASE_ORDER, purchase_order, [order_id], "confirmed", sets=sets)
    told = [{"line": lines[a.line_id].n, "qty": a.qty, "on": a.on, "price_e4": a.unit_price_e4} for a in answers]
    audit.record(tx, [audit.Entry("purchase.confirmed", "purchase_order", order_id, None, told)])
    once.remember(tx, "purchase.confirm", command_id, asked, True)


def _check_answers(answers: Sequence[Confirmation], lines: Mapping[str, Any]) -> None:
    problems = []
    for answer in answers:
        path, line = f"lines.{answer.line_id}", lines.get(answer.line_id)
        if line is None:
            problems.append(Problem("invalid", "this line is not part of the order", path=path))
            continue
        if not line.received <= answer.qty <= 10 * line.ordered:
            text = f"{line.received} came and {line.ordered} were ordered; {answer.qty} cannot be right"
            problems.append(Problem("invalid", text, path=f"{path}.qty"))
        try:
            date.fromisoformat(answer.on)
        except ValueError:
            problems.append(Problem("invalid", f"there is no day {answer.on!r}", path=f"{path}.on"))
        if answer.unit_price_e4 is not None and not 0 < answer.unit_price_e4 <= suppliers.DEAREST_E4:
            problems.append(Problem("invalid", "a price is above zero", path=f"{path}.price"))
    if problems:
        raise Refused(problems)


# --- changing ---------------------------------------------------------------------------------------------------------


def amend(tx: Tx, order_id: str, changes: Sequence[Amendment], reason: str, command_id: str) -> int:
    """Change lines, add some or take some back; returns the new version. A supplier who has the order gets the new one.

    The quantity and price follow the terms as in `create`, unless a price is given. Nothing may have come yet.
    Idempotent by command.
    """
    why = check_reason(reason)
    row = orders.load(tx, order_id, lock=True)
    asked = [order_id, [[each.variant_id, each.qty, each.unit_price_e4] for each in changes], why]
    if (known := once.answer(tx, "purchase.amend", command_id, asked)) is not None:
        return int(known)
    if row.status not in AMENDABLE:
        raise Conflict(f"{_name(row)} is {row.status.replace('_', ' ')}; it cannot be changed any more")
    _refuse_while_counting(tx, row)
    supplier = suppliers.load(tx, row.supplier_id)
    lines = {line.variant_id: line for line in orders.lines_of(tx, [order_id])}
    wanted = {each.variant_id: each for each in changes}
    kept = {each.variant_id: each.qty for each in changes if each.qty}
    gone = [lines[each.variant_id].id for each in changes if not each.qty and each.variant_id in lines]
    if len(gone) == len(lines) and not kept:
        raise Conflict("nothing would be left of the order; cancel it instead")
    if kept:
        _summed([Want(variant_id, qty) for variant_id, qty in kept.items()])
    terms = suppliers.terms_of(tx, supplier.id, list(kept))
    _refuse_strangers(tx, supplier.name, kept, terms)
    new = [_priced(sized(Want(each, qty), terms[each], row.currency), wanted[each]) for each, qty in kept.items()]
    expected = _expected(tx, supplier, new)
    orders.change_lines(tx, {lines[one.variant_id].id: one for one in new if one.variant_id in lines}, gone, expected)
    first = 1 + max(line.n for line in lines.values())
    orders.add_lines(tx, order_id, [one for one in new if one.variant_id not in lines], expected, first)
    return _new_version(tx, row, supplier, why, command_id, asked)


def _priced(line: Sized, change: Amendment) -> Sized:
    if change.unit_price_e4 is None:
        return line
    if not 0 < change.unit_price_e4 <= suppliers.DEAREST_E4:
        raise Invalid("price", "a price is above zero")
    reasons = (*line.reasons[:-1], "at the price that was typed in")
    return Sized(line.variant_id, line.supplier_sku, line.qty, change.unit_price_e4, line.lead_days, reasons)


def _new_version(tx: Tx, row: Any, supplier: Any, why: str, command_id: str, asked: Any) -> int:
    lines = orders.lines_of(tx, [row.id])
    if row.status != "draft":
        _check_limit(tx, row, orders.total_of(lines))
    version = int(row.version) + 1
    values = {"version": version, "expected_on": max(line.expected_on for line in lines)}
    tx.run(update(purchase_order).where(purchase_order.c.id == row.id).values(values))
    orders.keep_version(tx, row.id, version, why)
    if row.sent_at is not None:
        ordering_mails.order(tx, supplier, orders.load(tx, row.id), lines, changed=True)
    audit.record(tx, [audit.Entry("purchase.amended", "purchase_order", row.id, {"version": row.version},
                                  {"version": version, "reason": why})])  # fmt: skip
    once.remember(tx, "purchase.amend", command_id, asked, version)
    return version


def cancel(tx: Tx, order_id: str, reason: str, command_id: str) -> None:
    """Call an order off before anything came; a supplier who has it is told. Idempotent by command."""
    why = check_reason(reason)
    row = _end(tx, "purchase.cancel", "canceled", order_id, why, command_id)
    if row is not None and row.sent_at is not None:
        ordering_mails.canceled(tx, suppliers.load(tx, row.supplier_id), row, why)


def close_short(tx: Tx, order_id: str, reason: str, command_id: str) -> None:
    """Expect no more of an order of which some came; the rest is taken back. Idempotent by command."""
    _end(tx, "purchase.close", "closed", order_id, check_reason(reason), command_id, ("part_received", "received"))


def _end(
    tx: Tx, verb: str, to: str, order_id: str, why: str, command_id: str, expect: tuple[str, ...] | None = None
) -> Any:
    """Nothing more comes of an order, and what is missing is taken back. Returns the order as it was before; None for a
    command that was done already."""
    row = orders.load(tx, order_id, lock=True)
    if once.answer(tx, verb, command_id, [order_id, why]) is not None:
        return None
    _refuse_while_counting(tx, row)
    sets = {"ended_at": tx.now, "end_reason": why}
    lifecycle.advance(tx, PURCHASE_ORDER, purchase_order, [order_id], to, sets=sets, expect=expect)
    line = purchase_order_line.c
    rest = (line.purchase_order_id == order_id, line.received < line.ordered)
    tx.run(update(purchase_order_line).where(*rest).values(canceled=line.ordered - line.received))
    audit.record(tx, [audit.Entry(f"purchase.{to}", "purchase_order", order_id, row.status, {"reason": why})])
    once.remember(tx, verb, command_id, [order_id, why], True)
    return row


def _refuse_while_counting(tx: Tx, row: Any) -> None:
    busy = receiving.under_way(tx, row.id)
    if busy is not None:
        raise Conflict(f"a delivery of {_name(row)} is being received (GR-{busy.number}); book it in first, or void it")


def _name(row: Any) -> str:
    return f"PO-{row.number}"
