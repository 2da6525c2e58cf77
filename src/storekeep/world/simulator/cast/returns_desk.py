"""Goods that come back: customers send them (or do not), hands take them in, look at them, and the money follows."""

import random
from typing import Any

from sqlalchemy import select

from storekeep.flows import take_back
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid, StorekeepError
from storekeep.shop.inventory.tables import location, stock_balance
from storekeep.shop.returns.tables import goods_return, goods_return_line
from storekeep.world.simulator.play import Life

LIMIT = 200
#: One announced return in this many never comes.
NEVER_ONE_IN = 10
#: Nobody waits for it any longer than so many thirds of an afterthought: 40 days usually.
NEVER_AFTER = 80


def take_in(life: Life) -> None:
    """Open the parcels that came back, decide on every unit, and give the money back."""
    for row in life.read(_announced):
        dice = random.Random(f"{life.play.seed}:return:{row.id}")  # noqa: S311 - a game, no secret
        underway = life.play.rhythm.afterthought * dice.randint(100, 300) // 100
        if dice.randrange(NEVER_ONE_IN) == 0:
            if life.now > row.created_at + life.play.rhythm.afterthought * NEVER_AFTER // 3:
                life.write("hand", lambda tx, row=row: take_back.finish(tx, row.id))  # type: ignore[misc]
                life.note("returns that never came")
        elif life.now >= row.created_at + underway:
            _open(life, row, dice)


def _announced(tx: Tx) -> Any:
    r = goods_return.c
    query = select(r.id, r.status, r.created_at).where(r.status.in_(("approved", "received")))
    return tx.rows(query.order_by(r.id).limit(LIMIT))


def _open(life: Life, row: Any, dice: random.Random) -> None:
    lines = life.read(lambda tx: tx.rows(_lines_of(row.id)))
    if row.status == "approved":
        units = {line.id: line.qty for line in lines}
        life.write("hand", lambda tx: take_back.receive(tx, row.id, units, f"receive {row.id}"))
        life.note("returns received")
        lines = life.read(lambda tx: tx.rows(_lines_of(row.id)))
    for line in lines:
        left = line.received - line.restocked - line.quarantined - line.scrapped
        if left:
            outcome = dice.choice(("restock", "restock", "restock", "quarantine", "scrap"))
            _dispose(life, line, left, outcome)
    try:
        life.write("agent", lambda tx: take_back.refund_for_return(tx, row.id, reason="returned", command_id="desk"))
        life.note("refunds for returns")
    except StorekeepError as refusal:
        life.note(f"no refund for a return: {type(refusal).__name__}")


def _lines_of(return_id: str) -> Any:
    return select(goods_return_line).where(goods_return_line.c.return_id == return_id).order_by(goods_return_line.c.id)


def _dispose(life: Life, line: Any, left: int, outcome: str) -> None:
    def act(tx: Tx) -> None:
        place = _bin(tx, line.variant_id) if outcome == "restock" else None
        take_back.dispose(tx, line.id, left, outcome, f"dispose {line.id}", bin_id=place)

    try:
        life.write("hand", act)
    except Invalid:  # a lot that is not good any more is not sold again
        if outcome != "restock":
            raise
        _dispose(life, line, left, "scrap")
        return
    life.note(f"returned units: {outcome}", left)


def _bin(tx: Tx, variant_id: str) -> str:
    """The bin where most of it lies, else the first bin of the walk."""
    b, at = stock_balance.c, location.c
    sold_from = (at.kind == "bin", at.status == "active")
    held = (
        select(at.id)
        .join_from(stock_balance, location, at.id == b.location_id)
        .where(b.variant_id == variant_id, *sold_from)
        .order_by(b.qty.desc(), at.walk_sequence)
        .limit(1)
    )
    first = select(at.id).where(*sold_from).order_by(at.walk_sequence).limit(1)
    return str(tx.scalar(held) or tx.scalar(first))
