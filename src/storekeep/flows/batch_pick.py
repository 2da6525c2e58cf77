"""One walk for many orders: start a batch, scan bin, item and tote, run short, undo, end it.

A scan is decided by the batch (`cartround`), and its units are moved as picks of each order by `floor`, so that a batch
and a single pick leave the same rows behind. Locks: batch, orders, fulfillments, stock.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from storekeep.flows import dispatch, floor, shortage, waves
from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.fulfillment import batches, queries
from storekeep.shop.fulfillment.batches import Tote
from storekeep.shop.fulfillment.cartround import BatchAnswer, CartRound, Held, Put
from storekeep.shop.fulfillment.model import Scanned
from storekeep.shop.fulfillment.states import TO_PICK
from storekeep.shop.fulfillment.tables import pick_batch


def start(tx: Tx, staff_id: str | None, batch_id: str | None = None) -> str | None:
    """Take a released batch (the next one, when none is named) and all its orders; returns its id, None for nothing.

    Starting one's own again goes on with it, and asks for bins again for units that none was free for. Raises
    `Conflict` when somebody else walks it or it is not on the floor.
    """
    batch_id = batch_id or batches.next_released(tx)
    if batch_id is None:
        return None
    row = batches.lock(tx, [batch_id])[batch_id]
    if row.status not in batches.ON_THE_FLOOR:
        raise Conflict(f"batch {row.number} is {row.status.replace('_', ' ')}")
    if row.status == "in_progress" and row.picker != staff_id:
        raise Conflict(f"somebody else is walking batch {row.number}")
    if row.status == "released":
        batches.advance(tx, [batch_id], "in_progress", picker=staff_id, started_at=tx.now)
    totes = _take_up(tx, batch_id, staff_id)
    known = batches.tasks_of(tx, [batch_id])
    waves.give_bins(tx, {batch_id: row.warehouse_id}, {batch_id: totes})
    if any(tote.status == "open" for tote in totes) or batches.tasks_of(tx, [batch_id]) != known:
        waves.reroute(tx, {batch_id: row.warehouse_id})
    _settle(tx, [batch_id])
    return batch_id


def _take_up(tx: Tx, batch_id: str, picker: str | None) -> list[Tote]:
    """Claim the orders of a batch that nobody has (anew, when one was given back to the list), with their bins.

    Returns the open totes as they were.
    """
    totes = [tote for tote in batches.totes_of(tx, [batch_id])[batch_id] if tote.outcome == "open"]
    waiting = [tote.fulfillment_id for tote in totes if tote.status == "open"]
    if waiting:
        floor.claim(tx, picker, waiting, batch_id=batch_id)
    return totes


def scan(tx: Tx, batch_id: str, code: str, scan_id: str, qty: int = 1) -> BatchAnswer:
    """One scan of a walk: a bin, an item, a tote. See `scan_all`."""
    return scan_all(tx, batch_id, [Scanned(code, scan_id, qty)])[0]


def scan_all(tx: Tx, batch_id: str, scans: Sequence[Scanned]) -> list[BatchAnswer]:
    """Answer scans in order, and carry the units of right ones from their bins into their totes.

    Idempotent by scan id. A wrong scan moves nothing and is logged. When an order of the batch was canceled meanwhile,
    the first scan is answered with stop, which tote to empty, and does nothing else.
    """
    row = batches.lock(tx, [batch_id])[batch_id]
    known = batches.known_answers(tx, [one.scan_id for one in scans])
    fresh = list({one.scan_id: one for one in scans if one.scan_id not in known}.values())
    if fresh:
        answers = _answers(tx, row, fresh)
        batches.log_scans(tx, batch_id, [(one.code, answer) for one, answer in zip(fresh, answers, strict=True)])
        known |= {answer.scan_id: answer for answer in answers}
        _settle(tx, [batch_id])
    return [known[one.scan_id] for one in scans]


def _answers(tx: Tx, row: Any, scans: Sequence[Scanned]) -> list[BatchAnswer]:
    if row.status != "in_progress":
        kind, said = "wrong", "Start this batch first."
        if row.status == "done":
            kind, said = "done", "This batch is done; bring the cart to the pack station."
        return [BatchAnswer(kind, said, one.scan_id) for one in scans]
    if any(tote.status == "open" for tote in _take_up(tx, row.id, row.picker)):
        waves.reroute(tx, {row.id: row.warehouse_id})
    stop = _called_off(tx, row)
    round_ = _round(tx, row, scans)
    if stop:
        first = BatchAnswer("stop", f"{stop} {round_.expected()}", scans[0].scan_id, round_.here, round_.held, (),
                            round_.left)  # fmt: skip
        answers = [first, *(round_.answer(one) for one in scans[1:])]
    else:
        answers = [round_.answer(one) for one in scans]
    _carry(tx, answers)
    return answers


def _called_off(tx: Tx, row: Any) -> str:
    """Book the goods of canceled orders of a batch back; returns what to tell the picker, empty for none."""
    totes = {tote.fulfillment_id: tote for tote in batches.totes_of(tx, [row.id])[row.id] if tote.outcome == "open"}
    rows, known = dispatch.lock_work(tx, totes)
    gone = [each for each, work in rows.items() if dispatch.called_off(tx, work, known[work.order_id])]
    if not gone:
        return ""
    batches.settle(tx, {totes[each].id: "called_off" for each in gone})
    named = ", ".join(f"order {totes[each].order_number} (tote {totes[each].tote_no})" for each in gone)
    where = "" if row.kind in ("single", "single_item") else " Empty its tote."
    return f"Stop: {named} was canceled.{where} Put everything you picked for it back where it came from."


def _round(tx: Tx, row: Any, scans: Sequence[Scanned]) -> CartRound:
    """Where the walk stands: what is left, the bin scanned last, what is in hand and still wanted there."""
    tasks = batches.tasks_of(tx, [row.id])[row.id]
    last = next(iter(batches.last_answers(tx, row.id)), None)
    here, held = (last.here, last.held) if last is not None else (None, None)
    if held is not None:
        wanted = sum(task.qty for task in tasks if task.location_id == here and held.fits(task))
        held = replace(held, qty=min(held.qty, wanted)) if wanted else None
    return CartRound(row.kind, row.number, tasks, floor.codes_of(tx, row.warehouse_id, scans), here, held)


def _carry(tx: Tx, answers: Sequence[BatchAnswer]) -> None:
    """Make the picks of these answers: the bin's code, then the item, as a gun at the order's own screen would."""
    picks: dict[str, list[Scanned]] = {}
    for answer in answers:
        for n, put in enumerate(answer.puts):
            own = picks.setdefault(put.fulfillment_id, [])
            own.append(Scanned(put.location_code, f"{answer.scan_id}:{n}:bin"))
            own.append(Scanned(put.code, f"{answer.scan_id}:{n}", put.qty))
    if not picks:
        return
    for said in floor.scan_many(tx, picks).values():
        wrong = next((each for each in said if not each.is_right), None)
        if wrong is not None:  # the plan and the shelves disagree, which locks should have made impossible
            raise Conflict(f"the scan does not fit any more: {wrong.text}")


def short(
    tx: Tx, batch_id: str, location_id: str, variant_id: str, found_qty: int, reason: str, command_id: str
) -> str:
    """At this bin only `found_qty` units of a variant are there and good, for all totes together.

    The first totes get what is there; the others are sent to other bins, or the orders are told (see `shortage.short`).
    Returns what to tell the picker. Idempotent by `command_id`. `Conflict` while units are in hand.
    """
    row = batches.lock(tx, [batch_id])[batch_id]
    if row.status != "in_progress":
        raise Conflict(f"batch {row.number} is {row.status.replace('_', ' ')}")
    last = next(iter(batches.last_answers(tx, batch_id)), None)
    if last is not None and last.scan_id == f"short:{command_id}":
        return last.text
    repeated = batches.known_answers(tx, [f"short:{command_id}"])
    if repeated:
        return repeated[f"short:{command_id}"].text
    if last is not None and last.held is not None:
        raise Conflict(f"put the {last.held.qty} × {last.held.sku} in your hand into a tote first")
    here = [task for task in batches.tasks_of(tx, [batch_id])[batch_id]
            if (task.location_id, task.variant_id) == (location_id, variant_id)]  # fmt: skip
    wanted = sum(task.qty for task in here)
    if not here:
        raise Conflict("nothing of this is to be taken there any more")
    if not 0 <= found_qty < wanted:
        raise Invalid("found_qty", f"{wanted} units are to be picked there: found must be from 0 to {wanted - 1}")
    good, said = found_qty, []
    lines: dict[tuple[str, int], int] = {}  # of goods in several lots, a line has as many tasks
    for task in here:
        lines[task.line_id, task.tote_no] = lines.get((task.line_id, task.tote_no), 0) + task.qty
    for n, ((line_id, tote_no), units) in enumerate(lines.items()):
        mine = min(good, units)
        good -= mine
        if mine < units:
            told = shortage.short(tx, line_id, mine, reason, f"{command_id}:{n}", location_id=location_id)
            said.append(f"Tote {tote_no}: {told.text}")
    text = " ".join(said)
    answer = BatchAnswer("right", text, f"short:{command_id}", last.here if last else None)
    batches.log_scans(tx, batch_id, [("short", answer)])
    waves.reroute(tx, {batch_id: row.warehouse_id})
    _settle(tx, [batch_id])
    return text


def undo_last(tx: Tx, batch_id: str, scan_id: str) -> BatchAnswer:
    """Undo the last thing: what is in hand is put down; else the units of the last scan lie in their bins again.

    Idempotent by scan id. Raises `Conflict` when there is nothing to undo, or it is packed already.
    """
    known = batches.known_answers(tx, [scan_id])
    if known:
        return known[scan_id]
    row = batches.lock(tx, [batch_id])[batch_id]
    history = batches.last_answers(tx, batch_id, 200)
    if row.status != "in_progress" or not history:
        raise Conflict("there is nothing to undo")
    here, held = history[0].here, history[0].held
    undone = {each.undoes for each in history}
    last = next((each for each in history if each.puts and not each.undoes and each.scan_id not in undone), None)
    if held is not None:
        text, undoes = f"Put down {held.qty} × {held.sku}.", ""
    elif last is not None:
        _take_back(tx, batch_id, last.puts, last.scan_id, scan_id)
        units = sum(put.qty for put in last.puts)
        text, undoes = f"Undone: {units} back to {last.puts[0].location_code}.", last.scan_id
    else:
        raise Conflict("there is nothing to undo")
    left = sum(task.qty for task in batches.tasks_of(tx, [batch_id])[batch_id])
    answer = BatchAnswer("right", text, scan_id, here, None, (), left, undoes)
    batches.log_scans(tx, batch_id, [("undo", answer)])
    return answer


def _take_back(tx: Tx, batch_id: str, puts: Sequence[Put], of: str, scan_id: str) -> None:
    """Undo the picks that scan `of` made; the totes that were full are open again."""
    totes = {tote.fulfillment_id: tote for tote in batches.totes_of(tx, [batch_id])[batch_id]}
    dispatch.lock_work(tx, {put.fulfillment_id for put in puts})
    for n, put in reversed(list(enumerate(puts))):
        last = queries.last_done(tx, put.fulfillment_id, "pick")
        if last is None or last.scan_id != f"{of}:{n}":
            raise Conflict("that order was picked on elsewhere since; undo it on its own screen")
        floor.undo_last(tx, put.fulfillment_id, f"{scan_id}:{n}")
    again = [totes[put.fulfillment_id] for put in puts if totes[put.fulfillment_id].outcome == "picked"]
    batches.settle(tx, {tote.id: "open" for tote in again})
    batches.follow(tx)


def end(tx: Tx, batch_id: str) -> None:
    """Stop walking: orders that are not wholly picked go back to the list, with what lies in their totes.

    Ending it again changes nothing. Raises `Conflict` for a batch that was not started.
    """
    row = batches.lock(tx, [batch_id])[batch_id]
    if row.status == "done":
        return
    if row.status != "in_progress":
        raise Conflict(f"batch {row.number} is {row.status.replace('_', ' ')}; it was not started")
    _settle(tx, [batch_id])
    left = [tote for tote in batches.totes_of(tx, [batch_id])[batch_id] if tote.outcome == "open"]
    for tote in left:
        if tote.status == "picking":
            floor.release_claim(tx, tote.fulfillment_id)
    batches.settle(tx, {tote.id: "called_off" if tote.status == "canceled" else "left" for tote in left})
    if left:
        batches.advance(tx, [batch_id], "done", ended_at=tx.now)
    facts = {"left": len(left)}
    audit.record(tx, [audit.Entry("batch.ended", "pick_batch", batch_id, None, facts)])


def tidy(tx: Tx) -> int:
    """End the running batches that have nothing left, because their last orders were called off; returns how many."""
    b = pick_batch.c
    query = select(b.id).where(b.status == "in_progress").order_by(b.id)
    running = [row.id for row in tx.rows(query.with_for_update(skip_locked=True, key_share=True))]
    return _settle(tx, running) if running else 0


def _settle(tx: Tx, batch_ids: Sequence[str]) -> int:
    """Write down which totes are full; a running batch without work is done.

    A tote whose order was called off stays open while others have work: the next scan tells the picker to empty it.
    """
    totes, rows = batches.totes_of(tx, batch_ids), batches.lock(tx, batch_ids)
    became: dict[str, str] = {}
    done = []
    for each, own in totes.items():
        outcomes = {tote.id: _outcome(tote) for tote in own if tote.outcome == "open"}
        if "open" not in outcomes.values() and rows[each].status == "in_progress":
            done.append(each)
        else:
            outcomes = {tote_id: outcome for tote_id, outcome in outcomes.items() if outcome == "picked"}
        became |= outcomes
    batches.settle(tx, became)
    batches.advance(tx, done, "done", ended_at=tx.now)
    return len(done)


def _outcome(tote: Tote) -> str:
    if tote.status in TO_PICK:
        return "open"
    return "called_off" if tote.status == "canceled" else "picked"


def in_hand(tx: Tx, batch_id: str) -> tuple[str | None, Held | None]:
    """The id of the bin where the picker stands, and what is in hand."""
    last = next(iter(batches.last_answers(tx, batch_id)), None)
    return (last.here, last.held) if last is not None else (None, None)
