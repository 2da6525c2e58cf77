"""S: parcels. Labels are bought once, what is packed is what leaves, and tracking follows from the scans."""

import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from typing import Any

from storekeep.kernel.db import Tx
from storekeep.shop.reports.verify.model import SHOWN, Finding, Invariant, Offender
from storekeep.shop.reports.verify.scope import ORDERS, PARCELS, Scope
from storekeep.shop.reports.verify.sql import Found, Rule, broken, checks, differs, rows_of, twice

#: A number that was sold before is that of another parcel, or of another new label.
_SOLD_TWICE = """SELECT tracking_number, 1 AS expected, COUNT(*) AS found FROM (
SELECT id, tracking_number FROM label_purchase WHERE id IN [labels] AND tracking_number IS NOT NULL
UNION SELECT o.id, p.tracking_number FROM label_purchase p JOIN shipment s ON s.tracking_number = p.tracking_number
JOIN label_purchase o ON o.shipment_id = s.id AND o.tracking_number = s.tracking_number
WHERE p.id IN [labels]) sold GROUP BY tracking_number HAVING COUNT(*) > 1"""

_S1 = checks(
    "label_purchase",
    Rule("label_purchase", "it counts as bought without a number", """
        SELECT id, 'a tracking number' AS expected, COALESCE(tracking_number, 'none') AS found FROM label_purchase
        WHERE status IN ('bought', 'voided') AND COALESCE(tracking_number, '') = ''"""),
    Rule("label_purchase of number", "the number was sold twice",
         twice("tracking_number", "label_purchase", "tracking_number IS NOT NULL"), quick=_SOLD_TWICE),
    within={"label_purchase": "id IN [labels]"},
)  # fmt: skip

_S2 = checks(
    "shipment",
    Rule("fulfillment", "it has more than one live parcel",
         twice("fulfillment_id", "shipment", "status <> 'canceled'")),
    Rule("shipment", "it has more than one live label",
         twice("shipment_id", "label_purchase", "status IN ('pending', 'sent', 'unknown', 'bought')")),
    within={"shipment": "order_id IN [orders]", "label_purchase": "shipment_id IN [parcels]"},
)  # fmt: skip

_S3 = checks(
    "label_purchase",
    Rule("label_purchase", "another label was bought while this one was not settled", """
        SELECT id, 'refused, abandoned or voided' AS expected, status AS found FROM (
        SELECT id, status, LEAD(status) OVER (PARTITION BY shipment_id ORDER BY id) AS later FROM label_purchase) tries
        WHERE later IS NOT NULL AND status NOT IN ('refused', 'abandoned', 'voided')"""),
    Rule("label_purchase", "it was given up without a reason", """
        SELECT id, 'a reason' AS expected, 'none' AS found FROM label_purchase
        WHERE status IN ('refused', 'abandoned') AND COALESCE(failure, '') = ''"""),
    within=PARCELS,
)  # fmt: skip

_S5 = checks(
    "fulfillment_line",
    Rule("fulfillment_line", "the units that left are not the units in the box", differs(
        "line_id",
        "SELECT line_id, qty AS amount FROM stock_move WHERE kind = 'ship'",
        "SELECT l.id AS line_id, l.packed AS amount FROM fulfillment_line l JOIN fulfillment f "
        "ON f.id = l.fulfillment_id WHERE f.status = 'handed_over'",
    )),
    Rule("fulfillment_line", "the units counted as picked are not the units fetched", differs(
        "line_id",
        "SELECT line_id, CASE kind WHEN 'pick' THEN qty ELSE -qty END AS amount FROM stock_move "
        "WHERE kind IN ('pick', 'unpick')",
        "SELECT id AS line_id, picked AS amount FROM fulfillment_line",
    )),
    Rule("fulfillment_line", "the closed box does not hold what is to be sent", """
        SELECT l.id, l.qty - l.dropped AS expected, l.packed AS found FROM fulfillment_line l
        JOIN fulfillment f ON f.id = l.fulfillment_id
        WHERE f.status IN ('packed', 'handed_over') AND l.packed <> l.qty - l.dropped"""),
    Rule("fulfillment", "it was handed over without a parcel", """
        SELECT f.number, f.id, 'a parcel that left' AS expected, COALESCE(s.status, 'no parcel') AS found
        FROM fulfillment f LEFT JOIN shipment s ON s.fulfillment_id = f.id AND s.status <> 'canceled'
        WHERE f.status = 'handed_over'
        AND COALESCE(s.status, '') NOT IN ('handed_over', 'delivered', 'returned', 'lost')"""),
    within=ORDERS,
)  # fmt: skip

_RANK = {name: rank for rank, name in enumerate((
    "label_created", "canceled", "accepted", "in_transit", "at_facility_dest", "out_for_delivery", "attempted",
    "ready_for_pickup", "delivered", "returning", "returned",
))}  # fmt: skip
_ENDS = {"delivered", "returning", "returned"}
_BACKWARD = {("out_for_delivery", "in_transit"), ("attempted", "out_for_delivery")}
#: Codes by which a carrier takes its word back; they may lead out of an end.
_CORRECTIONS = {
    "swallow": {"S75", "S80", "S81", "S85"},
    "northline": {"COR", "RFS", "RTS", "RTD"},
}
_DAY_US = 86_400_000_000

_SCANS = """SELECT s.number, s.id, s.carrier, s.milestone AS is_milestone, s.exception AS is_exception,
s.last_scan_at, s.delivered_at, COALESCE(s.labelled_at, s.created_at) AS label_at,
e.code, e.milestone, e.exception, e.scanned_at, e.recorded_at
FROM tracking_event e JOIN shipment s ON s.id = e.shipment_id WHERE s.tracking_number IS NOT NULL ORDER BY s.id"""


def _tracking_follows_from_scans(tx: Tx, scope: Scope) -> Finding:
    offenders: list[Offender] = []
    count = rows = 0
    for shipment_id, scans in groupby(rows_of(tx, scope, _SCANS, PARCELS), key=lambda row: str(row.id)):
        told = list(scans)
        rows += len(told)
        head = told[0]
        right = _folded(head.carrier, head.label_at, told)
        found = (head.is_milestone, head.is_exception, head.last_scan_at, head.delivered_at)
        if found != right:
            count += 1
            if len(offenders) < SHOWN:
                text = "its tracking does not follow from its scans"
                offenders.append(Offender(f"shipment {head.number} {shipment_id}", text, _told(right), _told(found)))
    for rule in _TRACKING:
        some, more = broken(tx, rule, scope, PARCELS)
        offenders += some
        count += more
    return Finding(rows, tuple(offenders), count)


def _told(picture: tuple[Any, ...]) -> str:
    return "{} with {}, last scan {}, delivered {}".format(*picture)


def _folded(carrier: str, label_at: int, scans: Iterable[Any]) -> tuple[str, str, int | None, int | None]:
    """(milestone, exception, last scan, delivered at) after all scans of a parcel, in time order."""
    milestone, exception, last, moved_at = "label_created", "none", None, None
    corrections = _CORRECTIONS.get(carrier, set())
    for scan in sorted(scans, key=lambda s: (s.scanned_at, _RANK.get(s.milestone, -1), s.code)):
        if scan.scanned_at < label_at or scan.scanned_at > scan.recorded_at + _DAY_US:
            continue  # of an earlier parcel with this number, or of a clock that is wrong
        last = scan.scanned_at
        is_unknown = scan.milestone == "" and scan.exception == "none"
        if is_unknown:
            if _RANK[milestone] < _RANK["in_transit"]:
                milestone, moved_at = "in_transit", scan.scanned_at
            continue
        is_correction = scan.code in corrections
        if milestone in _ENDS and not is_correction and scan.milestone != "returned":
            continue
        exception = scan.exception
        goes_on = scan.milestone and (
            _RANK[scan.milestone] > _RANK[milestone] or is_correction or (milestone, scan.milestone) in _BACKWARD
        )
        if goes_on and scan.milestone != milestone:
            milestone, moved_at = scan.milestone, scan.scanned_at
    return milestone, exception, last, moved_at if milestone == "delivered" else None


_TRACKING = (
    Rule("shipment", "it has tracking, but no scan", """
        SELECT s.number, s.id, 'label_created' AS expected, s.milestone AS found FROM shipment s
        WHERE (s.milestone <> 'label_created' OR s.last_scan_at IS NOT NULL OR s.delivered_at IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM tracking_event e WHERE e.shipment_id = s.id)"""),
    Rule("shipment", "its status is not that of its tracking", """
        SELECT number, id, milestone AS expected, status AS found FROM shipment
        WHERE (status = 'delivered' AND milestone <> 'delivered')
        OR (status IN ('handed_over', 'lost') AND milestone IN ('delivered', 'returned'))"""),
)  # fmt: skip

_S11 = checks(
    "tracking_event",
    Rule("shipment", "a scan from before its label moved it", """
        SELECT number, id, labelled_at AS expected, last_scan_at AS found FROM shipment
        WHERE last_scan_at < labelled_at OR delivered_at < labelled_at"""),
    Rule("tracking_event", "it belongs to a parcel that never had a number", """
        SELECT e.id, 'a tracking number' AS expected, s.status AS found FROM tracking_event e
        JOIN shipment s ON s.id = e.shipment_id WHERE s.tracking_number IS NULL"""),
    within=PARCELS,
)  # fmt: skip

_S13 = checks(
    "fulfillment",
    Rule("fulfillment", "it promises another day than the order", """
        SELECT f.number, f.id, COALESCE(o.promised_on, 'none') AS expected, COALESCE(f.promised_on, 'none') AS found
        FROM fulfillment f JOIN sales_order o ON o.id = f.order_id
        WHERE f.kind = 'sale' AND COALESCE(o.promised_on, '') <> COALESCE(f.promised_on, '')"""),
    Rule("shipment", "it promises another day than the work it carries", """
        SELECT s.number, s.id, COALESCE(f.promised_on, 'none') AS expected, COALESCE(s.promised_on, 'none') AS found
        FROM shipment s JOIN fulfillment f ON f.id = s.fulfillment_id
        WHERE COALESCE(s.promised_on, '') <> COALESCE(f.promised_on, '')"""),
    within=ORDERS,
)  # fmt: skip

_SILENT_DAYS = 5
#: Days after which a case is due, and one more for whoever opens them: the shop was at work for a day since then.
_UNMISSED = """SELECT number, id, 'a case' AS expected, 'none' AS found FROM (
SELECT s.number, s.id, s.order_id, COALESCE(s.last_scan_at, s.handed_over_at) + {after} AS due_at FROM shipment s
WHERE s.status = 'handed_over') silent
WHERE due_at < (SELECT o.created_at FROM outbox o ORDER BY o.id DESC LIMIT 1) - {day}
AND NOT EXISTS (SELECT 1 FROM conversation c WHERE c.order_id = silent.order_id AND c.shipment_id = silent.id
AND c.kind = 'case' AND c.reason = 'not_arrived') AND EXISTS (SELECT 1 FROM outbox o WHERE o.created_at >= due_at
AND o.created_at < (SELECT n.created_at FROM outbox n ORDER BY n.id DESC LIMIT 1) - {day})"""


def _unmissed(tx: Tx, scope: Scope, rule: Rule) -> Found:
    """All parcels on their way, also in a quick run: of a silent one nothing new is written."""
    stored = tx.sql("SELECT value FROM setting WHERE key = 'shop.profile'")
    days = json.loads(stored[0].value).get("silent_days", _SILENT_DAYS) if stored else _SILENT_DAYS
    asked = _UNMISSED.format(after=int(days) * _DAY_US, day=_DAY_US)
    return broken(tx, replace(rule, bad=asked), scope, {})


_S19 = checks(
    "SELECT id FROM shipment WHERE status = 'handed_over'",
    Rule("shipment", "nothing was heard of it for too long, and it has no case", _unmissed),
    within={},
)

INVARIANTS = (
    Invariant("S1", "Every bought label has a tracking number, and no number was sold twice.", _S1),
    Invariant("S2", "A fulfillment has at most one live parcel, and a parcel at most one live label.", _S2),
    Invariant("S3", "No second label was bought while the first one was not settled.", _S3),
    Invariant("S5", "What was fetched was packed, and what was packed left, line by line.", _S5),
    Invariant("S10", "The tracking of every parcel follows from its scans.", _tracking_follows_from_scans),
    Invariant("S11", "No scan from before its label moved a parcel.", _S11),
    Invariant("S13", "The promise on an order never changes on its way to the parcel.", _S13),
    Invariant("S19", "A parcel of which nothing was heard for too long has a case.", _S19),
)
