"""Whoever looks after quality: puts lots on hold, releases them again, and now and then calls one back."""

from typing import Any

from sqlalchemy import select

from storekeep.flows import lots
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.inventory.lots import FOUND
from storekeep.shop.inventory.tables import lot, reservation, stock_balance
from storekeep.world.simulator.play import Life

LIMIT = 50
REASONS = ("the supplier's notice", "a customer found glass", "the label lacks an allergen")


def look(life: Life) -> None:
    """Release what was on hold long enough, and if the dice say so, hold or recall a lot that lies in the house."""
    for row in life.read(_on_hold):
        _try(life, "released", lambda tx, row=row: lots.release_lot(tx, row.id, "looked at, nothing found"))
    if not life.chance(life.play.trouble.lot_goes_bad):
        return
    found = life.read(_promised) or life.read(_in_the_house)
    if not found:
        return
    chosen, reason = life.rng.choice(found), life.rng.choice(REASONS)
    command = f"{life.name} {life.now}"
    if life.rng.random() < 0.5:
        _try(life, "recalled", lambda tx: lots.recall_lot(tx, chosen.id, reason, command))
    else:
        _try(life, "put on hold", lambda tx: lots.quarantine_lot(tx, chosen.id, reason, command))


def _try(life: Life, what: str, act: Any) -> None:
    try:
        life.write("hand", act)
        life.note(f"lots {what}")
    except StorekeepError as refusal:
        life.note(f"lots not {what}: {type(refusal).__name__}")


def _on_hold(tx: Tx) -> Any:
    c = lot.c
    query = select(c.id).where(c.status == "quarantined", c.status_reason.in_((*REASONS, FOUND)))
    return tx.rows(query.order_by(c.id).limit(LIMIT))


def _promised(tx: Tx) -> Any:
    """The lots that hurt most: those that pickers were sent to, or that lie in trays and boxes."""
    c, r = lot.c, reservation.c
    query = select(c.id).join_from(reservation, lot, c.id == r.lot_id)
    query = query.where(r.status.in_(("assigned", "picked")), c.status == "ok")
    return tx.rows(query.distinct().order_by(c.id).limit(LIMIT))


def _in_the_house(tx: Tx) -> Any:
    c, b = lot.c, stock_balance.c
    query = (
        select(c.id)
        .join_from(lot, stock_balance, (b.lot_id == c.id) & (b.variant_id == c.variant_id))
        .where(c.status == "ok", b.is_owned, b.qty > 0)
    )
    return tx.rows(query.distinct().order_by(c.id).limit(LIMIT))
