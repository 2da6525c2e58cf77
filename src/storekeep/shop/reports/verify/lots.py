"""G8: lots. A lot is one variant's, what is not good is never promised or sent, and a day that has passed counts."""

# ruff: noqa: S608 - every query here is put together from constants of this package

from storekeep.kernel.clock import DAY, HOUR, day_of
from storekeep.kernel.db import Tx
from storekeep.shop.reports.verify.levels import NO_LOT
from storekeep.shop.reports.verify.model import SHOWN, Invariant, Offender
from storekeep.shop.reports.verify.scope import VARIANTS, Scope
from storekeep.shop.reports.verify.sql import Found, Rule, checks

#: Nowhere is the day more than one behind that of Greenwich; the chore that takes lots off sale comes all the time.
_GRACE = DAY + HOUR


def _good_too_long(tx: Tx, scope: Scope, rule: Rule) -> Found:
    """The lots that were good after their last day, by the time of the shop's own latest act: it may stand still."""
    latest = tx.sql("SELECT posted_at FROM stock_move ORDER BY id DESC LIMIT 1")
    if not latest:
        return [], 0
    day = day_of(latest[0].posted_at - _GRACE, "UTC")
    asked = "SELECT id, expires_on FROM lot WHERE status IN ('ok', 'quarantined') AND expires_on < :day ORDER BY id"
    rows = tx.sql(asked, {"day": day})
    told = [Offender(f"lot {row.id}", rule.text, f"off sale before {day}", row.expires_on) for row in rows]
    return told[:SHOWN], len(rows)


_OF_ANOTHER = """SELECT m.id, t.variant_id AS expected, m.variant_id AS found FROM {} m JOIN lot t ON t.id = m.lot_id
WHERE t.variant_id <> m.variant_id"""

_G8 = checks(
    "lot",
    Rule("stock_move", "its lot is one of another variant", _OF_ANOTHER.format("stock_move")),
    Rule("reservation", "its lot is one of another variant", _OF_ANOTHER.format("reservation")),
    Rule("stock_balance", "its lot is none of its variant", f"""
        SELECT b.variant_id, b.location_id, b.lot_id, b.variant_id AS expected, t.variant_id AS found
        FROM stock_balance b LEFT JOIN lot t ON t.id = b.lot_id AND t.variant_id = b.variant_id
        WHERE b.lot_id <> '{NO_LOT}' AND t.id IS NULL"""),
    Rule("reservation", "units of a lot that is not good are promised or wait in a tray", """
        SELECT r.id, 'a good lot' AS expected, t.status AS found FROM reservation r JOIN lot t ON t.id = r.lot_id
        WHERE r.status IN ('assigned', 'picked') AND t.status <> 'ok'""",
         within={**VARIANTS, "reservation": "variant_id IN [variants] AND status IN ('assigned', 'picked')"}),
    Rule("stock_move", "it left although its lot was not good", """
        SELECT m.id, t.status_since AS expected, m.posted_at AS found FROM stock_move m JOIN lot t ON t.id = m.lot_id
        WHERE m.kind = 'ship' AND t.status <> 'ok' AND m.posted_at > t.status_since"""),
    Rule("stock_balance", "it is sold from a bin without its lot", f"""
        SELECT b.variant_id, b.location_id, 'a lot' AS expected, b.qty AS found FROM stock_balance b
        JOIN variant v ON v.id = b.variant_id JOIN location l ON l.id = b.location_id
        WHERE v.tracking = 'lot' AND b.lot_id = '{NO_LOT}' AND b.qty > 0 AND l.is_sellable"""),
    Rule("lot", "it has no reason for its status", """
        SELECT id, status AS expected, status_reason AS found FROM lot
        WHERE (status = 'ok') <> (status_reason = '')"""),
    Rule("lot", "it is still good or on hold after its last day", _good_too_long),
    within=VARIANTS,
)  # fmt: skip

INVARIANTS = (
    Invariant("G8", "What is expired, recalled or on hold is never promised or sent; a lot is of one variant.", _G8),
)
