"""Goods in and corrections: arriving, put away, counted anew, carried, set aside, thrown away; goods and money at once.

Each verb is one transaction of the caller, idempotent by its command id, and audited.
"""

from collections.abc import Sequence

from storekeep.flows import shortage
from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.shop.inventory import adjusting, correcting, locations, moves, receiving
from storekeep.shop.inventory.correcting import Corrected, Correction
from storekeep.shop.inventory.model import Adjusted, Move, PutawayLine, ReceiveLine, Step
from storekeep.shop.payments import ledger, recipes
from storekeep.shop.site import profile


def receive(
    tx: Tx,
    lines: Sequence[ReceiveLine],
    warehouse_id: str,
    command_id: str,
    reason: str,
    *,
    document_id: str | None = None,
) -> list[Move]:
    """Book goods in from a supplier at their unit cost; returns the moves. Their value waits for the invoice (2050)."""
    is_repeat = bool(moves.of_commands(tx, [command_id]))
    posted = receiving.receive(tx, lines, warehouse_id, command_id, reason, document_id=document_id)
    if is_repeat or not posted:
        return posted
    value = sum(move.value_minor for move in posted)
    receipt = posted[0].document_id
    currency = profile.load(tx).currency
    ledger.post(tx, [recipes.goods_received(receipt, f"received:{command_id}", value, currency)])
    facts = {"units": sum(move.qty for move in posted), "value_minor": value, "reason": reason}
    audit.record(tx, [audit.Entry("goods.received", "receipt", receipt, None, facts)])
    return posted


def put_away(tx: Tx, lines: Sequence[PutawayLine], warehouse_id: str, command_id: str) -> list[Move]:
    """Bring goods from receiving to their bins, where they can be sold."""
    is_repeat = bool(moves.of_commands(tx, [command_id]))
    posted = receiving.putaway(tx, lines, warehouse_id, command_id)
    if not is_repeat:
        _audit_moves(tx, "goods.put_away", posted)
    return posted


def adjust(tx: Tx, corrections: Sequence[Correction]) -> Corrected:
    """Correct what places hold, all or none; see `correcting.correct`.

    The value goes to inventory adjustments. Orders that lose units are shortened and their buyers told.
    """
    done = correcting.correct(tx, corrections)
    fresh = [n for n, is_new in enumerate(done.is_new) if is_new]
    if not fresh:
        return done
    currency = profile.load(tx).currency
    keys = {n: f"adjusted:{corrections[n].command_id}" for n in fresh}
    ledger.post(tx, [
        recipes.goods_adjusted(done.moves[n].document_id, key, done.values[n], currency) for n, key in keys.items()
    ])  # fmt: skip
    _audit_corrections(tx, done, fresh)
    why = "; ".join(dict.fromkeys(corrections[n].reason for n in fresh if corrections[n].delta < 0))
    shortage.give_up(tx, done.displaced, f"not found in the warehouse ({why})", corrections[fresh[0]].command_id)
    return done


def _audit_corrections(tx: Tx, done: Corrected, fresh: Sequence[int]) -> None:
    moved = [done.moves[n] for n in fresh]
    places = locations.load(tx, [at for move in moved for at in (move.from_location_id, move.to_location_id)])
    entries = []
    for n, move in zip(fresh, moved, strict=True):
        came = places[move.to_location_id].is_owned
        code = places[move.to_location_id if came else move.from_location_id].code
        facts = {"location": code, "qty": done.before[n] + (move.qty if came else -move.qty), "reason": move.reason}
        if move.lot_id is not None:
            facts["lot_id"] = move.lot_id
        before = {"location": code, "qty": done.before[n]}
        entries.append(audit.Entry("stock.adjusted", "variant", move.variant_id, before, facts))
    audit.record(tx, entries)


def transfer(tx: Tx, steps: Sequence[tuple[str, str, str, int] | Step], command_id: str) -> list[Move]:
    """Carry free units, (variant, from, to, units) each, to other places of the same warehouse, all or none.

    No value moves.
    """
    is_repeat = bool(moves.of_commands(tx, [command_id]))
    posted = adjusting.transfer(tx, steps, command_id)
    if not is_repeat:
        _audit_moves(tx, "goods.transferred", posted)
    return posted


def set_aside(
    tx: Tx, variant_id: str, location_id: str, qty: int, reason: str, command_id: str, *, lot_id: str | None = None
) -> Adjusted:
    """Units go to quarantine: still ours at the same value, not for sale. Orders that lose units are shortened."""
    is_repeat = bool(moves.of_commands(tx, [command_id]))
    done = adjusting.quarantine(tx, variant_id, location_id, qty, reason, command_id, lot_id=lot_id)
    if not is_repeat:
        shortage.give_up(tx, done.displaced, f"set aside ({reason})", command_id)
    return done


def scrap(
    tx: Tx, variant_id: str, location_id: str, qty: int, reason: str, command_id: str, *, lot_id: str | None = None
) -> Adjusted:
    """Throw units away; what they cost goes to inventory adjustments. Orders that lose units are shortened."""
    is_repeat = bool(moves.of_commands(tx, [command_id]))
    done = adjusting.scrap(tx, variant_id, location_id, qty, reason, command_id, lot_id=lot_id)
    if not is_repeat:
        currency = profile.load(tx).currency
        key = f"scrapped:{command_id}"
        ledger.post(tx, [recipes.scrapped(done.move.document_id, key, -done.value_minor, currency)])
        shortage.give_up(tx, done.displaced, f"thrown away ({reason})", command_id)
    return done


def _audit_moves(tx: Tx, action: str, posted: Sequence[Move]) -> None:
    audit.record(
        tx,
        [
            audit.Entry(
                action,
                "variant",
                move.variant_id,
                {"location_id": move.from_location_id},
                {"location_id": move.to_location_id, "qty": move.qty},
            )
            for move in posted
        ],
    )
