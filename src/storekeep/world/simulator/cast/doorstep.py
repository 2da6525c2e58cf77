"""What shoppers do about their parcels: write that something is broken, wrong or missing, or want to send it back.

What happens to a parcel's owner hangs on the seed and the parcel alone, so that nothing need be remembered.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select

from storekeep.flows import reply
from storekeep.kernel.clock import DAY, day_of
from storekeep.kernel.db import Tx
from storekeep.shop.orders.tables import order_line, sales_order
from storekeep.shop.shipping.tables import shipment
from storekeep.shop.support.tables import conversation
from storekeep.world.simulator.outside.carriers import really_arrived
from storekeep.world.simulator.play import Life

Words = Mapping[str, Sequence[str]]

#: What somebody writes, by what is wrong; each of them one of several ways to say it.
WORDS: Words = {
    "damaged": ("One of the things was broken when I opened the box.",),
    "wrong_item": ("This is not what I ordered.",),
    "not_arrived": ("Nothing has come so far. Where is my parcel?",),
    "return": ("I would like to send something back, please.",),
    "question": ("I would like to send something back, please.",),
}
#: The reasons of the form for those that it has no word of its own for.
OTHER = ("return", "question")
LIMIT = 400


@dataclass(frozen=True, slots=True)
class _Wrong:
    about: str
    text: str

    @property
    def reason(self) -> str:
        return "other" if self.about in OTHER else self.about


def doorstep(life: Life, words: Words = WORDS) -> None:
    """Look at the parcels that came lately, and at those that should have come; some of their owners write."""
    rhythm = life.play.rhythm
    for row in life.read(lambda tx: _parcels(tx, life)):
        dice = random.Random(f"{life.play.seed}:door:{row.id}")  # noqa: S311 - a game, no secret
        about = _wrong_with(life, row, dice)
        if about is None:
            continue
        after = rhythm.afterthought * dice.randint(20, 100) // 100
        since = row.delivered_at if row.delivered_at is not None else life.now - 2 * rhythm.afterthought
        if life.now >= since + after:
            _write(life, row, _Wrong(about, dice.choice(words[about])))


def _parcels(tx: Tx, life: Life) -> Any:
    s, c = shipment.c, conversation.c
    rhythm = life.play.rhythm
    written = select(c.id).where(c.order_id == s.order_id, c.kind == "customer").exists()
    missed = day_of(life.now - 2 * rhythm.afterthought, rhythm.timezone)
    came = and_(s.delivered_at.is_not(None), s.delivered_at > life.now - 3 * rhythm.afterthought)
    late = and_(
        s.status == "handed_over", s.delivered_at.is_(None), s.handed_over_at > life.now - 40 * DAY,
        s.handed_over_at < life.now - 6 * rhythm.leg, sales_order.c.promised_on < missed,
    )  # fmt: skip
    query = (
        select(s.id, s.order_id, s.tracking_number, s.delivered_at)
        .join_from(shipment, sales_order, sales_order.c.id == s.order_id)
        .where(or_(came, late), ~written)
        .order_by(s.id)
        .limit(LIMIT)
    )
    return tx.rows(query)


def _wrong_with(life: Life, row: Any, dice: random.Random) -> str | None:
    trouble = life.play.trouble
    if row.delivered_at is None:
        return "not_arrived" if dice.random() < 0.9 else None
    if not really_arrived(life.play.seed, trouble, row.tracking_number):
        return "not_arrived"
    drawn = dice.random()
    for about, chance in (
        ("damaged", trouble.complains * 0.4),
        ("wrong_item", trouble.complains * 0.3),
        ("return", trouble.returns),
        ("question", trouble.complains * 0.3),
    ):
        if drawn < chance:
            return about
        drawn -= chance
    return None


def _write(life: Life, row: Any, wrong: _Wrong) -> None:
    command = f"about parcel {row.id}"

    def write(tx: Tx) -> None:
        line = order_line.c
        query = select(line.id).where(line.order_id == row.order_id, line.fulfilled > 0).order_by(line.position)
        first = tx.scalar(query.limit(1))
        units = {first: 1} if first is not None and wrong.reason in {"damaged", "wrong_item"} else {}
        reply.report_problem(tx, row.order_id, units, wrong.reason, wrong.text, command)

    life.write("shopper", write)
    life.note(f"complaints: {wrong.reason}")
