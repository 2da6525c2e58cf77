"""Carriers tell where parcels are. What becomes of a parcel hangs on the seed and its tracking number alone.

So nothing need be remembered: whoever looks at a parcel, after any number of restarts, knows its whole way and tells
what has happened of it by now.
"""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, or_, select

from storekeep.kernel import inbox
from storekeep.kernel.clock import DAY, Instant
from storekeep.kernel.db import Tx
from storekeep.shop.shipping.tables import shipment
from storekeep.world.simulator.outside.ways import Lot, Told, lot_of, really_arrived, taken_up, way_of
from storekeep.world.simulator.play import Life

__all__ = ["really_arrived", "report"]

#: Parcels that one report tells of at once
BATCH = 1_000
#: Nobody looks for a parcel any longer than this.
FORGOTTEN: Instant = 60 * DAY
#: For so many legs after its last scan there may be more to tell of a parcel that was delivered.
AFTERWARDS = 9


def report(life: Life) -> None:
    """Tell the shop of every scan since the last report, all carriers together."""
    after: str | None = None
    while True:
        rows = life.read(lambda tx, after=after: _parcels(tx, life, after))  # type: ignore[misc]
        arrivals = [arrival for row in rows for arrival in _news(life, row)]
        if arrivals:
            life.write("carriers", lambda tx, arrivals=arrivals: inbox.store(tx, arrivals))  # type: ignore[misc]
        if len(rows) < BATCH:
            return
        after = rows[-1].id


def _parcels(tx: Tx, life: Life, after: str | None) -> Any:
    """Parcels on their way, and those that came so lately that more may be told of them."""
    s = shipment.c
    moving = and_(s.status == "handed_over", s.handed_over_at > life.now - FORGOTTEN)
    lately = and_(s.status == "delivered", s.last_scan_at > life.now - AFTERWARDS * life.play.rhythm.leg)
    query = (
        select(
            s.id, s.status, s.carrier, s.tracking_number, s.handed_over_at, s.last_scan_at, s.milestone, s.exception
        )
        .where(or_(moving, lately))
        .order_by(s.id)
        .limit(BATCH)
    )
    return tx.rows(query if after is None else query.where(s.id > after))


def _news(life: Life, row: Any) -> list[inbox.Arrival]:
    """What is to be told of a parcel now. A scan that was told before may be told again: it is stored once."""
    play, number = life.play, row.tracking_number
    lot = lot_of(play.seed, play.trouble, number)
    if row.status == "delivered" and lot.fate != "false delivery" and not lot.is_out_of_order:
        return []
    lately = life.now - 2 * play.rhythm.report_every
    known_until = row.last_scan_at or 0
    way = way_of(play.seed, play.trouble, row.carrier, number, row.handed_over_at, play.rhythm.leg)
    if play.moving_since is not None:
        way = taken_up(way, row, play.moving_since)
    news = [
        arrival
        for told in way
        if told.told_at <= life.now and (told.at > known_until or told.told_at > lately)
        for arrival in _arrivals(row.carrier, number, told)
    ]
    if news and row.last_scan_at is None:
        _note(life, lot)
    return news


def _arrivals(carrier: str, number: str, told: Told) -> Iterator[inbox.Arrival]:
    body = {"tracking_number": number, "code": told.code, "text": "", "place": told.place, "at": told.at}
    for copy in range(told.copies):
        name = f"{number} {told.code} {told.at}" + " again" * copy
        yield inbox.Arrival(f"carrier:{carrier}", name, "carrier.scan", json.dumps(body, sort_keys=True), {})


def _note(life: Life, lot: Lot) -> None:
    """Count a parcel's troubles when it is heard of for the first time."""
    if lot.fate != "fine":
        life.note("fault: false delivery" if lot.fate == "false delivery" else f"fault: parcel {lot.fate}")
    if lot.is_out_of_order:
        life.note("fault: scans out of order")
    if lot.is_doubled:
        life.note("fault: scan doubled")
