"""Carriers: they scan parcels on their way, mostly in order and on time, and now and then lose one."""

import json
from typing import Any

from sqlalchemy import select

from storekeep.kernel import inbox
from storekeep.kernel.clock import Instant
from storekeep.shop.shipping.tables import shipment
from storekeep.shop.shipping.tracking_fold import code_for
from storekeep.world.simulator.actors import Stage

#: What follows on what, and where it is scanned.
_NEXT = {
    "label_created": ("accepted", "Collection point"),
    "accepted": ("in_transit", "Sorting centre"),
    "in_transit": ("at_facility_dest", "Delivery depot"),
    "at_facility_dest": ("out_for_delivery", "Delivery van"),
    "out_for_delivery": ("delivered", "Front door"),
    "attempted": ("out_for_delivery", "Delivery van"),
}
#: One parcel in this many goes silent half-way, and nobody scans it again.
SILENT_ONE_IN = 40


def scanner(gap: Instant) -> Any:
    """An act that moves parcels on whose last scan is at least `gap` microseconds ago."""

    def scan(stage: Stage) -> None:
        with stage.house.db.read() as tx:
            s = shipment.c
            rows = tx.rows(
                select(shipment)
                .where(s.status == "handed_over", s.milestone.in_(_NEXT))
                .where((s.last_scan_at.is_(None)) | (s.last_scan_at < stage.now - gap))
                .order_by(s.id)
                .limit(60)
            )
        moving = [row for row in rows if not _is_silent(row) and stage.rng.random() < 0.6]
        arrivals = [_arrival(stage, row) for row in moving]
        if arrivals:
            with stage.house.db.begin(actor="carriers") as tx:
                inbox.store(tx, arrivals)

    return scan


def _is_silent(row: Any) -> bool:
    return row.number % SILENT_ONE_IN == 0 and row.milestone not in {"label_created", "accepted"}


def _arrival(stage: Stage, row: Any) -> inbox.Arrival:
    milestone, place = _NEXT[row.milestone]
    if milestone == "delivered" and stage.rng.random() < 0.08:
        milestone, place = "attempted", "Front door"
    code = code_for(row.carrier, milestone)
    told = {"tracking_number": row.tracking_number, "code": code, "text": "", "place": place, "at": stage.now}
    body = json.dumps(told, sort_keys=True)
    return inbox.Arrival(
        f"carrier:{row.carrier}", f"{row.tracking_number} {code} {stage.now}", "carrier.scan", body, {}
    )
