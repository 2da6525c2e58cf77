"""B: what is sold before it is here. Limits, whose turn it is, orders that wait, and who is told that it came."""

from storekeep.kernel.clock import DAY, HOUR, day_of
from storekeep.kernel.db import Tx
from storekeep.shop.reports.verify.model import SHOWN, Invariant, Offender
from storekeep.shop.reports.verify.scope import ORDERS, Scope
from storekeep.shop.reports.verify.sql import Found, Rule, checks, differs

# ruff: noqa: S608 - every query here is put together from constants of this package

#: The slices of a quick run about what waits for the touched variants.
_AWAITED = {
    "sell_ahead": "variant_id IN [variants]",
    "availability": "variant_id IN [variants]",
    "reservation": "variant_id IN [variants] AND status IN ('ahead', 'waiting')",
}

_B1 = checks(
    "sell_ahead",
    Rule("sell_ahead", "its waiting units are not those of carts and orders", differs(
        "variant_id",
        "SELECT variant_id, qty AS amount FROM reservation WHERE status IN ('ahead', 'waiting')",
        "SELECT variant_id, waiting AS amount FROM sell_ahead",
    )),
    Rule("sell_ahead", "more waits than may wait", """
        SELECT variant_id, limit_units AS expected, waiting AS found FROM sell_ahead
        WHERE waiting < 0 OR waiting > limit_units"""),
    Rule("reservation", "an order waits while goods that it may have are free", """
        SELECT r.id, 0 AS expected, a.on_hand_sellable - a.reserved - a.buffer AS found FROM reservation r
        JOIN availability a ON a.variant_id = r.variant_id
        WHERE r.status = 'waiting' AND a.on_hand_sellable - a.reserved - a.buffer > 0"""),
    Rule("reservation", "it waits without a promise, or for nobody, or in a place", """
        SELECT id, status AS expected, COALESCE(promised_on, 'no promise') AS found FROM reservation
        WHERE status IN ('ahead', 'waiting') AND (promised_on IS NULL OR location_id IS NOT NULL
        OR (status = 'waiting' AND (order_id IS NULL OR order_line_id IS NULL))
        OR (status = 'ahead' AND (cart_id IS NULL OR expires_at IS NULL)))"""),
    within=_AWAITED,
)  # fmt: skip


def _forgotten(tx: Tx, scope: Scope, rule: Rule) -> Found:
    """Confirmed orders that wait for nothing any more, and no job or day will begin them.

    The day is that of the shop's own latest act, a day and an hour earlier: the chore that begins them comes often.
    """
    latest = tx.sql("SELECT created_at FROM outbox ORDER BY id DESC LIMIT 1")
    day = day_of(latest[0].created_at - DAY - HOUR, "UTC") if latest else ""
    rows = tx.sql(_FORGOTTEN, {"day": day})
    told = [Offender(f"order_wait {row.order_id}", rule.text, "work in the warehouse", row.ready_on) for row in rows]
    return told[:SHOWN], len(rows)


_FORGOTTEN = """SELECT w.order_id, w.ready_on FROM order_wait w JOIN sales_order o ON o.id = w.order_id
WHERE w.ended_at IS NULL AND o.status = 'open'
AND NOT EXISTS (SELECT 1 FROM reservation r WHERE r.order_id = w.order_id AND r.status = 'waiting')
AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.subject_id = w.order_id AND b.kind = 'order.goods_came'
AND b.status <> 'done')
AND NOT EXISTS (SELECT 1 FROM order_line l JOIN sell_ahead s ON s.variant_id = l.variant_id
WHERE l.order_id = w.order_id AND s.kind = 'preorder' AND s.ships_on > :day) ORDER BY w.order_id"""

_B2 = checks(
    "order_wait",
    Rule("order", "goods of it are still to come, and it does not wait", """
        SELECT r.order_id, 'an order that waits' AS expected, SUM(r.qty) AS found FROM reservation r
        LEFT JOIN order_wait w ON w.order_id = r.order_id AND w.ended_at IS NULL
        WHERE r.status = 'waiting' AND w.order_id IS NULL GROUP BY r.order_id"""),
    Rule("order_wait", "its order has ended, and it still waits", """
        SELECT w.order_id, 'an order to be sent' AS expected, o.status AS found FROM order_wait w
        JOIN sales_order o ON o.id = w.order_id
        WHERE w.ended_at IS NULL AND o.status IN ('canceled', 'expired', 'completed')"""),
    Rule("order_wait", "the warehouse works on it while it waits", """
        SELECT w.order_id, 'no work' AS expected, f.status AS found FROM order_wait w
        JOIN fulfillment f ON f.order_id = w.order_id WHERE w.ended_at IS NULL AND f.kind = 'sale'
        AND f.status <> 'canceled'"""),
    Rule("order_wait", "all its goods are here, and nobody begins it", _forgotten),
    within=ORDERS,
)  # fmt: skip

_MAIL = "'back_in_stock:' || CAST(s.id AS TEXT)"

_B3 = checks(
    "stock_signup",
    Rule("stock_signup", "it was told, and there is no mail to its address", f"""
        SELECT s.id, s.email AS expected, COALESCE(m.to_address, 'no mail') AS found FROM stock_signup s
        LEFT JOIN mail m ON m.key = {_MAIL} WHERE s.status = 'told' AND (m.id IS NULL OR m.to_address <> s.email)"""),
    Rule("stock_signup", "a mail told it that never said yes, or wanted no more", f"""
        SELECT s.id, 'told' AS expected, s.status AS found FROM stock_signup s JOIN mail m ON m.key = {_MAIL}
        WHERE s.status <> 'told' OR s.confirmed_at IS NULL OR s.told_at < s.confirmed_at"""),
    Rule("mail", "nobody asked for it", """
        SELECT m.id, 'a sign-up' AS expected, m.key AS found FROM mail m WHERE m.template = 'back_in_stock'
        AND m.key LIKE 'back_in_stock:%' AND NOT EXISTS (
        SELECT 1 FROM stock_signup s WHERE m.key = 'back_in_stock:' || CAST(s.id AS TEXT))"""),
    within={"mail": "id >= [floor]", "stock_signup": "id >= [floor] OR told_at >= :since"},
)  # fmt: skip

INVARIANTS = (
    Invariant("B1", "No more waits than may wait, and nobody waits while goods for them are free.", _B1),
    Invariant("B2", "An order waits as a whole while goods of it are to come, and is begun when all are here.", _B2),
    Invariant("B3", "Who asked for a word gets it once, and nobody else does.", _B3),
)
