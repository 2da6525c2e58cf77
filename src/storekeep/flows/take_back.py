"""Goods come back: agreed to, received line by line, decided on unit by unit. Money is another story (`resolve`).

What comes back goes from the customer to quarantine at the cost it left with, and becomes sellable only when somebody
puts it into a bin. Units come back at F(k) of what the line's units were worth when they left, so that all of them
together come back at exactly that.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from storekeep.flows import goods_back, once, resolve, telling
from storekeep.flows.resolve import RefundWish
from storekeep.kernel import audit
from storekeep.kernel.clock import DAY, day_of
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid, Refused
from storekeep.shop.inventory import adjusting, locations, lots, returning
from storekeep.shop.inventory import queries as stock
from storekeep.shop.inventory.model import Document, RestockLine
from storekeep.shop.inventory.model import ReturnLine as GoodsBack
from storekeep.shop.orders import store, timeline
from storekeep.shop.orders.tables import order_adjustment, order_adjustment_line, order_part
from storekeep.shop.payments import ledger, recipes
from storekeep.shop.returns import returns
from storekeep.shop.returns.model import NewReturn, NewReturnLine, ReturnLine
from storekeep.shop.returns.states import OUTCOMES
from storekeep.shop.site import profile
from storekeep.shop.support import remedies
from storekeep.shop.support.model import Applied, Preview

SEND_BACK_WITHIN = 14 * DAY


# --- agreeing ---------------------------------------------------------------------------------------------------------


def preview_return(tx: Tx, order_id: str, units: Mapping[str, int]) -> Preview:
    """What agreeing to a return would do, or why it cannot be agreed to. Only reads.

    At most what was sent, did not come back and is not announced already.
    """
    return _show(tx, resolve.order_of(tx, order_id), units, _lines_by_id(tx, order_id))


def approve_return(
    tx: Tx,
    order_id: str,
    units: Mapping[str, int],
    *,
    reason: str,
    command_id: str,
    conversation_id: str | None = None,
) -> Applied:
    """Agree that units of lines may come back; the customer gets instructions with the return's number.

    The return has the remedy's id. Neither goods nor money move. Raises `Refused` naming every line of which fewer are
    left. Idempotent by command.
    """
    why = resolve.clean_reason(reason)
    order = store.lock(tx, [order_id])[order_id]
    if known := remedies.find(tx, command_id, "return", order_id):
        return known
    lines = _lines_by_id(tx, order_id)
    preview = _show(tx, order, units, lines)
    if preview.problems:
        raise Refused(preview.problems)
    return_id = tx.new_id()
    wanted = tuple(NewReturnLine(line_id, lines[line_id].variant_id, n) for line_id, n in preview.units.items())
    number = returns.approve(tx, [NewReturn(return_id, order_id, why, wanted, conversation_id)])[return_id]
    applied = remedies.record(
        tx, preview, command_id, conversation_id=conversation_id, status="executing", remedy_id=return_id
    )
    text = f"Return {number} of {sum(preview.units.values())} units was agreed to: {why}"
    resolve.tell_order(tx, order_id, "return.approved", text, applied, conversation_id, resolves=False)
    store.refresh(tx, [order_id])
    shop = profile.load(tx)
    goods = [{"qty": n, "title": resolve.title_of(lines[line_id]), "total": ""} for line_id, n in preview.units.items()]
    facts = {
        "return_number": number,
        "lines": goods,
        "return_address": "\n".join((shop.legal_name or shop.name, *shop.address_lines)),
        "send_by": _send_by(tx),
    }
    telling.mail_orders(tx, "return_instructions", [(order, f"return:{return_id}")], {order_id: facts})
    return applied


def _send_by(tx: Tx) -> str:
    return day_of(tx.now + SEND_BACK_WITHIN, profile.load(tx).timezone)


def _lines_by_id(tx: Tx, order_id: str) -> dict[str, Any]:
    return {line.id: line for line in store.lines_of(tx, [order_id])}


def _show(tx: Tx, order: Any, units: Mapping[str, int], lines: Mapping[str, Any]) -> Preview:
    wanted = {line_id: count for line_id, count in units.items() if count}
    announced = returns.announced(tx, order.id)
    problems = []
    if not wanted:
        problems.append(resolve.impossible("lines_missing", "Choose what comes back.", "lines"))
    for line_id, count in wanted.items():
        line, path = lines.get(line_id), f"lines.{line_id}"
        if line is None:
            problems.append(resolve.impossible("line_unknown", "This line is not part of the order.", path))
            continue
        left = line.fulfilled + line.replaced - line.returned - announced.get(line_id, 0)
        if not line.fulfilled:
            text = f"{line.title} was not sent yet; cancel it instead."
            problems.append(resolve.impossible("not_sent", text, path, left=0))
        elif not 0 < count <= left:
            text = f"{line.title}: {left} can still come back, not {count}."
            problems.append(resolve.impossible("too_many_units", text, path, left=left))
    effects = (
        *(f"{n} x {resolve.title_of(lines[each])} may come back" for each, n in wanted.items() if each in lines),
        "Stock changes when the goods are here and inspected",
        "No money moves; refund it now or when the goods are here",
        f"A mail tells the customer how to send it back by {_send_by(tx)}",
    )
    return Preview("return", order.id, order.currency, units=wanted, effects=effects, problems=tuple(problems))


# --- receiving --------------------------------------------------------------------------------------------------------


def receive(
    tx: Tx, return_id: str, units: Mapping[str, int], command_id: str, *, warehouse_id: str | None = None
) -> int:
    """Take units in, by line of the return: into quarantine, at the cost they left with; no refund is written.

    Returns the value that came back, in minor units. The goods go to the warehouse named, else to the one that sent
    them. Raises `Conflict` for a return that is over, `Refused` for more than was announced or sent. Idempotent by
    command.
    """
    order_id = returns.load(tx, return_id).order_id
    store.lock(tx, [order_id])
    row = returns.load(tx, return_id, lock=True)
    if (known := once.answer(tx, "return.receive", command_id, [return_id, units])) is not None:
        return int(known)
    lines = {line.id: line for line in returns.lines_of(tx, [return_id])[return_id]}
    wanted = returns.check_receipt(row, list(lines.values()), units)
    goods, house = goods_back.worth(tx, order_id, {lines[each].order_line_id: count for each, count in wanted.items()})
    returning.return_in(tx, goods, warehouse_id or house, return_id, command_id)
    value = sum(each.value_minor for each in goods)
    currency = profile.load(tx).currency
    ledger.post(tx, [recipes.cost_returned(order_id, return_id, f"returned:{command_id}", value, currency)])
    returns.receive(tx, row, wanted)
    store.count_units(tx, "returned", {lines[each].order_line_id: count for each, count in wanted.items()})
    text = f"{sum(wanted.values())} units of return {row.number} came in"
    timeline.record(tx, [timeline.Happening(order_id, "return.received", text, {"return_id": return_id})])
    store.refresh(tx, [order_id])
    once.remember(tx, "return.receive", command_id, [return_id, units], value)
    return value


# --- deciding ---------------------------------------------------------------------------------------------------------


def dispose(
    tx: Tx,
    return_line_id: str,
    units: int,
    outcome: str,
    command_id: str,
    *,
    bin_id: str | None = None,
    lot_id: str | None = None,
) -> bool:
    """Decide on units that came back: 'restock' into a bin, leave in 'quarantine', or 'scrap'. No refund is written.

    Only restocking makes them sellable again; scrapping takes their average cost off the books. True when that closed
    the return. Of goods in several lots `lot_id` says which. Raises `Refused` for more units than wait, `Invalid` for
    no bin to restock to, or a lot that is not good. Idempotent by command.
    """
    return_id = returns.line(tx, return_line_id).return_id
    order_id = returns.load(tx, return_id).order_id
    store.lock(tx, [order_id])
    row = returns.load(tx, return_id, lock=True)
    asked = [return_line_id, units, outcome, bin_id, *([lot_id] if lot_id else [])]
    if (known := once.answer(tx, "return.dispose", command_id, asked)) is not None:
        return bool(known)
    line = returns.line(tx, return_line_id)
    is_closed = returns.dispose(tx, row, line, units, outcome)
    _move(tx, line, goods_back.waiting(tx, line, units, outcome, lot_id), outcome, command_id, bin_id)
    text = f"Return {row.number}, {units} units: {OUTCOMES[outcome].lower()}"
    timeline.record(tx, [timeline.Happening(order_id, f"return.{outcome}", text, {"return_id": return_id})])
    _settle(tx, order_id, row.number, "closed" if is_closed else "")
    once.remember(tx, "return.dispose", command_id, asked, is_closed)
    return is_closed


def _move(
    tx: Tx,
    line: ReturnLine,
    arrived: Sequence[tuple[goods_back.Arrival, int]],
    outcome: str,
    command_id: str,
    bin_id: str | None,
) -> None:
    paper = Document("return", line.return_id, line.order_line_id)
    if outcome == "restock":
        if bin_id is None:
            raise Invalid("bin", "Scan or choose the bin that the goods go back to.")
        _refuse_closed_shelf(tx, line, bin_id)
        _refuse_bad_lots(tx, {came.lot_id for came, _ in arrived if came.lot_id is not None})
        steps = [RestockLine(line.variant_id, n, bin_id, came.location_id, came.lot_id) for came, n in arrived]
        returning.restock(tx, steps, arrived[0][0].warehouse_id, command_id, paper)
    elif outcome == "scrap":
        value, why = 0, "returned, not fit for sale"
        for number, (came, n) in enumerate(arrived):  # one, or as many as there are lots in the line
            own = f"{command_id}:{number}" if number else command_id
            gone = adjusting.scrap(
                tx, line.variant_id, came.location_id, n, why, own, lot_id=came.lot_id, document=paper
            )
            value -= gone.value_minor
        currency = profile.load(tx).currency
        ledger.post(tx, [recipes.scrapped(line.return_id, f"scrapped:{command_id}", value, currency)])


def _refuse_bad_lots(tx: Tx, lot_ids: set[str]) -> None:
    for one in lots.load(tx, sorted(lot_ids)).values() if lot_ids else ():
        if not one.is_good:
            raise Invalid("outcome", f"Lot {one.code} is {one.status} ({one.status_reason}); it cannot be sold again.")


def finish(tx: Tx, return_id: str) -> str:
    """Nothing more is coming: the return is closed, or canceled when nothing came. Returns its status; safe to repeat.

    Raises `Conflict` while received units wait for a decision.
    """
    order_id = returns.load(tx, return_id).order_id
    store.lock(tx, [order_id])
    row = returns.load(tx, return_id, lock=True)
    status = returns.finish(tx, row)
    if status != row.status:
        _settle(tx, order_id, row.number, status)
    return status


def _settle(tx: Tx, order_id: str, number: int, ended: str) -> None:
    if ended:
        text = f"Return {number} is {ended}"
        timeline.record(tx, [timeline.Happening(order_id, f"return.{ended}", text)])
        resolve.settle_remedies(tx, order_id)
    store.refresh(tx, [order_id])


def _refuse_closed_shelf(tx: Tx, line: ReturnLine, bin_id: str) -> None:
    place = locations.load(tx, [bin_id])[bin_id]
    if not place.is_sold_from:
        raise Invalid("bin", f"{place.code} is not a bin that is sold from; choose another one.")


# --- the money half, as its own remedy --------------------------------------------------------------------------------


def preview_refund_for_return(tx: Tx, return_id: str, *, limit_minor: int | None = None) -> Preview:
    """What refunding exactly the units that came back on this return would do. Only reads."""
    row = returns.load(tx, return_id)
    return resolve.preview_refund(tx, row.order_id, RefundWish(_to_refund(tx, row)), limit_minor=limit_minor)


def refund_for_return(
    tx: Tx, return_id: str, *, reason: str, command_id: str, limit_minor: int | None = None
) -> Applied:
    """Refund exactly the units received on this return that were not refunded yet, for it or otherwise.

    A refund like any other (`resolve.refund`): it moves no goods. Idempotent by command.
    """
    row = returns.load(tx, return_id)
    store.lock(tx, [row.order_id])
    command = f"return:{return_id}:{command_id}"
    wish = RefundWish(_to_refund(tx, row))
    return resolve.refund(
        tx, row.order_id, wish, reason=reason, command_id=command, limit_minor=limit_minor,
        conversation_id=row.conversation_id,
    )  # fmt: skip


def _to_refund(tx: Tx, row: Any) -> dict[str, int]:
    a, n, p = order_adjustment.c, order_adjustment_line.c, order_part.c
    done: dict[str, int] = {}
    query = (
        select(p.order_line_id, n.units)
        .join_from(order_adjustment_line, order_adjustment, a.id == n.adjustment_id)
        .join(order_part, p.id == n.part_id)
        .where(a.order_id == row.order_id, a.command_id.startswith(f"return:{row.id}:", autoescape=True))
    )
    for given in tx.rows(query):
        done[given.order_line_id] = done.get(given.order_line_id, 0) + given.units
    left = {
        line.id: line.fulfilled - line.refunded - line.replaced for line in store.lines_of(tx, [row.order_id])
    }
    units = {
        line.order_line_id: min(line.received - done.get(line.order_line_id, 0), left[line.order_line_id])
        for line in returns.lines_of(tx, [row.id])[row.id]
    }
    return {line_id: count for line_id, count in units.items() if count > 0}


# --- goods and money that no order of ours explains -------------------------------------------------------------------


def blind_return(
    tx: Tx, goods: Sequence[tuple[str, int, int]], reason: str, command_id: str, *, warehouse_id: str | None = None
) -> str:
    """Take in goods that no order of ours explains: (variant, units, unit value in minor units) each; to quarantine.

    Returns the document's id, under which moves and ledger entry are found. No money goes back (`manual_credit` does
    that). Raises `Invalid` for a quantity or value that cannot be. Idempotent by command.
    """
    why = resolve.clean_reason(reason)
    asked = [[list(each) for each in goods], why]
    if (known := once.answer(tx, "return.blind", command_id, asked)) is not None:
        return str(known)
    if not goods:
        raise Invalid("lines", "Say which goods came.")
    house = warehouse_id or str(stock.warehouses(tx)[0].id)
    lines = [GoodsBack(None, variant_id, qty, qty * unit_value) for variant_id, qty, unit_value in goods]
    document_id = tx.new_id()
    returning.return_in(tx, lines, house, document_id, command_id, reason=why)
    value = sum(line.value_minor for line in lines)
    currency = profile.load(tx).currency
    ledger.post(tx, [recipes.cost_returned(None, document_id, f"returned:{command_id}", value, currency)])
    once.remember(tx, "return.blind", command_id, asked, document_id)
    return document_id


def manual_credit(tx: Tx, amount_minor: int, currency: str, reason: str, command_id: str) -> str:
    """Pay somebody back from the bank, outside any charge of ours; returns the credit's id. Idempotent by command.

    Raises `Invalid` for an amount below 1. Audited.
    """
    why = resolve.clean_reason(reason)
    asked = [amount_minor, currency, why]
    if (known := once.answer(tx, "credit.manual", command_id, asked)) is not None:
        return str(known)
    if amount_minor <= 0:
        raise Invalid("amount", "A credit is at least 1 minor unit.")
    credit_id = tx.new_id()
    ledger.post(tx, [recipes.manual_credit(credit_id, f"manual_credit:{command_id}", amount_minor, currency, why)])
    facts = {"amount_minor": amount_minor, "currency": currency, "reason": why}
    audit.record(tx, [audit.Entry("credit.manual", "credit", credit_id, None, facts)])
    once.remember(tx, "credit.manual", command_id, asked, credit_id)
    return credit_id
