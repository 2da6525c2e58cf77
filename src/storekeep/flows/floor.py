"""The warehouse floor: claim work, walk the bins, scan every unit, undo, give the work back.

A scan is answered, never just taken: right, wrong (with what was expected and what came), done, or stop when the order
was canceled meanwhile. A gun that repeats a scan gets its first answer again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from storekeep.flows import dispatch
from storekeep.flows.shortage import short as short
from storekeep.kernel import audit
from storekeep.kernel.bulk import among
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict
from storekeep.shop.catalog.lookups import resolve_codes
from storekeep.shop.catalog.tables import variant
from storekeep.shop.fulfillment import batches, gs1, queries
from storekeep.shop.fulfillment import store as fulfillments
from storekeep.shop.fulfillment.model import ScanAnswer, Scanned, Stop, WorkLine
from storekeep.shop.fulfillment.picklist import Codes, LotCode, PickRound
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.inventory import picking
from storekeep.shop.inventory.model import AssignRequest, PickRequest
from storekeep.shop.inventory.tables import location, lot
from storekeep.shop.orders import tables as order_tables


@dataclass(frozen=True, slots=True)
class Claimed:
    """Work that somebody has taken, with the walk: the bins in order."""

    fulfillment_id: str
    number: int
    order_number: int
    promised_on: str | None
    stops: tuple[Stop, ...]


def claim(
    tx: Tx,
    staff_id: str | None,
    fulfillment_ids: Sequence[str] | None = None,
    *,
    limit: int = 1,
    batch_id: str | None = None,
) -> list[Claimed]:
    """Take work: the fulfillments named, or the next `limit` open ones by promised time; each gets its bins.

    Claiming again what is one's own returns it with its bins. Raises `Conflict` when somebody else has it or when it is
    past picking. Nothing to do is an empty list. What waits in a live batch is claimed with that batch only.
    """
    if fulfillment_ids is None:
        fulfillment_ids = _next_due(tx, limit)
    if not fulfillment_ids:
        return []
    rows = fulfillments.lock(tx, fulfillment_ids)
    for row in rows.values():
        mine = row.status == "picking" and row.claimed_by == staff_id
        if row.status != "open" and not mine:
            who = "somebody else has claimed it" if row.status == "picking" else f"it is {row.status}"
            raise Conflict(f"fulfillment {row.number} cannot be claimed: {who}")
    for each, (of, number) in batches.live_of(tx, rows).items():
        if of != batch_id:
            raise Conflict(f"order {rows[each].order_number} is picked with batch {number}")
    fresh = [each for each in rows if rows[each].status == "open"]
    lines = fulfillments.lines_of(tx, list(rows))
    requests = [
        AssignRequest(line.id, row.order_id, line.order_line_id, line.variant_id, row.warehouse_id, line.due)
        for each, row in rows.items()
        for line in lines[each]
        if line.to_pick > 0
    ]
    if requests:
        picking.give_bins(tx, requests)
    fulfillments.advance(tx, fresh, "picking", claimed_by=staff_id, claimed_at=tx.now)
    _finish_picked(tx, {each: lines[each] for each in fresh})
    stops = queries.stops_of(tx, list(rows))
    return [
        Claimed(each, rows[each].number, rows[each].order_number, rows[each].promised_on, tuple(stops[each]))
        for each in dict.fromkeys(fulfillment_ids)
    ]


def _next_due(tx: Tx, limit: int) -> list[str]:
    f, order = fulfillment.c, order_tables.sales_order.c
    query = (
        select(f.id)
        .join_from(fulfillment, order_tables.sales_order, order.id == f.order_id)
        .where(f.status == "open", order.status.not_in(dispatch.CALLED_OFF), ~batches.is_in_a_batch())
        .order_by(func.coalesce(f.promised_on, queries.NO_PROMISE), f.number)
        .limit(limit)
        .with_for_update(of=fulfillment, skip_locked=True)
    )
    return [row.id for row in tx.rows(query)]


def _finish_picked(tx: Tx, lines: Mapping[str, Sequence[WorkLine]]) -> None:
    """Work with nothing left to fetch is picked at once: it was given back with all its goods in the tray."""
    done = [each for each, own in lines.items() if own and all(line.to_pick == 0 for line in own)]
    fulfillments.advance(tx, done, "picked")


def release_claim(tx: Tx, fulfillment_id: str) -> None:
    """Give claimed work back to the list. What was picked stays picked, and the bins stay assigned."""
    row = fulfillments.lock(tx, [fulfillment_id])[fulfillment_id]
    if row.status == "open":
        return
    fulfillments.advance(tx, [fulfillment_id], "open", claimed_by=None, claimed_at=None)
    before = {"claimed_by": row.claimed_by}
    audit.record(tx, [audit.Entry("fulfillment.released", "fulfillment", fulfillment_id, before, {"claimed_by": None})])


def scan(tx: Tx, fulfillment_id: str, code: str, scan_id: str, qty: int = 1) -> ScanAnswer:
    """One scan at a bin: a bin's code, a barcode or an SKU. See `scan_all`."""
    return scan_all(tx, fulfillment_id, [Scanned(code, scan_id, qty)])[0]


def scan_all(tx: Tx, fulfillment_id: str, scans: Sequence[Scanned]) -> list[ScanAnswer]:
    """Answer scans in order, and take the units of right ones out of their bins.

    Idempotent by scan id. A wrong scan moves nothing and is logged. On an order that was canceled the answer is stop,
    and what had been picked is booked back to its bins.
    """
    return scan_many(tx, {fulfillment_id: scans})[fulfillment_id]


def scan_many(tx: Tx, scans: Mapping[str, Sequence[Scanned]]) -> dict[str, list[ScanAnswer]]:
    """Scans of several fulfillments, by fulfillment, with the goods of all of them moved together. See `scan_all`."""
    rows, known_orders = dispatch.lock_work(tx, scans)
    known = fulfillments.known_answers(tx, [one.scan_id for own in scans.values() for one in own])
    fresh = fulfillments.fresh_scans(scans, known)
    answers: dict[str, list[ScanAnswer]] = {}
    going: dict[str, Sequence[Scanned]] = {}
    for each, new in fresh.items():
        row = rows[each]
        refusal = _refusal(tx, row, known_orders[row.order_id])
        if refusal is None:
            going[each] = new
        else:
            answers[each] = [ScanAnswer(*refusal, one.scan_id) for one in new]
    if going:
        answers |= _pick(tx, rows, going)
    log = [
        (each, one.code, answer)
        for each, new in fresh.items()
        for one, answer in zip(new, answers[each], strict=True)
    ]
    fulfillments.log_scans(tx, "pick", log)
    known |= {answer.scan_id: answer for own in answers.values() for answer in own}
    return {each: [known[one.scan_id] for one in own] for each, own in scans.items()}


def _refusal(tx: Tx, row: Any, order: Any) -> tuple[str, str] | None:
    """The answer that any scan gets while this work is not being picked."""
    if stop := dispatch.called_off(tx, row, order):
        return "stop", stop
    if row.status == "open":
        return "wrong", "Claim this work first."
    if row.status != "picking":
        return "done", "Everything is picked already; bring it to the pack station."
    return None


def _pick(tx: Tx, rows: Mapping[str, Any], scans: Mapping[str, Sequence[Scanned]]) -> dict[str, list[ScanAnswer]]:
    """Decide the scans of each fulfillment on its own; take what they say out of the bins in one go."""
    lines, stops = fulfillments.lines_of(tx, scans), queries.stops_of(tx, list(scans))
    codes = codes_by_warehouse(tx, rows, scans)
    answers: dict[str, list[ScanAnswer]] = {}
    picks, units, finished = [], dict[str, int](), []
    standing = queries.standing_at_many(tx, list(scans))
    for each, own in scans.items():
        at = standing.get(each)
        here = next((stop.location_id for stop in stops[each] if stop.location_code == at), None)
        round_ = PickRound(lines[each], stops[each], codes[rows[each].warehouse_id], here)
        answers[each] = [round_.answer(one) for one in own]
        taken = [answer for answer in answers[each] if answer.line_id is not None]
        for answer in taken:
            line_id = str(answer.line_id)
            units[line_id] = units.get(line_id, 0) + answer.qty
            picks += [
                PickRequest(line_id, part.location_id, part.qty, f"pick:{answer.scan_id}:{n}", part.lot_id)
                for n, part in enumerate(answer.taken)
            ]
        if taken and round_.left == 0:
            finished.append(each)
    if picks:
        picking.pick(tx, picks)
        fulfillments.count(tx, "picked", units)
        fulfillments.advance(tx, finished, "picked")
    return answers


def codes_by_warehouse(
    tx: Tx, rows: Mapping[str, Any], scans: Mapping[str, Sequence[Scanned]]
) -> dict[str, Codes]:
    """What the scanned codes name, by the warehouse of the fulfillments that they were scanned for."""
    by_warehouse: dict[str, list[Scanned]] = {}
    for each, own in scans.items():
        by_warehouse.setdefault(rows[each].warehouse_id, []).extend(own)
    return {warehouse_id: codes_of(tx, warehouse_id, own) for warehouse_id, own in by_warehouse.items()}


def codes_of(tx: Tx, warehouse_id: str, scans: Sequence[Scanned]) -> Codes:
    """What the scanned codes name in this warehouse."""
    codes = {each.code for each in scans}
    variants = {code: (facts.variant_id, facts.sku) for code, facts in resolve_codes(tx, codes).items()}
    wanted = sorted({code.strip().upper() for code in codes - variants.keys()})
    places: dict[str, str] = {}
    if wanted:
        at = location.c
        query = select(at.code, at.id).where(at.code.in_(wanted), at.warehouse_id == warehouse_id)
        places = {found.code: found.id for found in tx.rows(query)}
    unknown = [code for code in sorted(codes - variants.keys()) if code.strip().upper() not in places]
    return _with_lots(tx, variants, places, unknown) if unknown else Codes(variants, places)


def _with_lots(
    tx: Tx, variants: dict[str, tuple[str, str]], places: Mapping[str, str], unknown: Sequence[str]
) -> Codes:
    """Codes that are neither goods nor bins: a GS1 string that names item and lot, or a lot's own code."""
    read = {code: found for code in unknown if (found := gs1.parse(code)) is not None}
    items = resolve_codes(tx, {bars for one in read.values() for bars in one.barcodes}) if read else {}
    goods = {
        code: facts
        for code, one in read.items()
        if (facts := next((items[bars] for bars in one.barcodes if bars in items), None)) is not None
    }
    named = {code: one.lot if (one := read.get(code)) is not None else code.strip().upper() for code in unknown}
    c = lot.c
    query = (
        select(c.id, c.code, c.variant_id, variant.c.sku)
        .join_from(lot, variant, variant.c.id == c.variant_id)
        .where(among(c.code, sorted({code for code in named.values() if code})))
        .order_by(c.id)
    )
    known: dict[str, list[LotCode]] = {}
    for row in tx.rows(query):
        known.setdefault(row.code, []).append(LotCode(*tuple(row)))
    lots: dict[str, tuple[LotCode, ...]] = {}
    for code in unknown:
        facts = goods.get(code)
        if facts is not None and not named[code]:
            variants[code] = (facts.variant_id, facts.sku)
        elif facts is not None:
            mine = [one for one in known.get(named[code], ()) if one.variant_id == facts.variant_id]
            lots[code] = tuple(mine) or (LotCode("", named[code], facts.variant_id, facts.sku),)
        elif code not in read and named[code] in known:
            lots[code] = tuple(known[named[code]])
    return Codes(variants, places, lots)


def undo_last(tx: Tx, fulfillment_id: str, scan_id: str) -> ScanAnswer:
    """Undo the last right scan at the bins: its units lie in their bin again and are to be picked anew.

    Idempotent by scan id. Raises `Conflict` when nothing can be undone, because nothing was picked or it is packed.
    """
    known = fulfillments.known_answers(tx, [scan_id])
    if known:
        return known[scan_id]
    row = fulfillments.lock(tx, [fulfillment_id])[fulfillment_id]
    last = queries.last_done(tx, fulfillment_id, "pick")
    if row.status not in {"picking", "picked"} or last is None or last.line_id is None:
        raise Conflict("there is no pick to undo")
    lines = {line.id: line for line in fulfillments.lines_of(tx, [fulfillment_id])[fulfillment_id]}
    line = lines[last.line_id]
    if line.picked < last.qty:
        raise Conflict(f"{line.sku} was taken out of the tray meanwhile; there is nothing to undo")
    if line.packed > line.picked - last.qty:
        raise Conflict(f"{line.sku} is in the box already; take it out at the pack station first")
    requests = [
        PickRequest(line.id, part.location_id, part.qty, f"unpick:{scan_id}:{n}", part.lot_id)
        for n, part in enumerate(last.taken)
    ]
    picking.unpick(tx, requests)
    fulfillments.count(tx, "picked", {line.id: -last.qty})
    if row.status == "picked":
        fulfillments.advance(tx, [fulfillment_id], "picking")
    left = sum(each.to_pick for each in lines.values()) + last.qty
    text = f"Undone: put {last.qty} × {line.sku} back to {last.location_code}."
    answer = ScanAnswer(
        "right", text, scan_id, line.id, line.sku, line.title, last.location_code, last.qty, line.to_pick + last.qty,
        left, undoes=last.scan_id,
    )  # fmt: skip
    fulfillments.log_scans(tx, "pick", [(fulfillment_id, "undo", answer)])
    batches.follow(tx)  # the bin may be none of the stops, when it was picked before its order joined a batch
    return answer
