"""C: customer service and returns. Notes stay inside, remedies take effect once, every returned unit has its end."""

# ruff: noqa: S608 - every query here is put together from constants of this package

from storekeep.shop.reports.verify.model import Invariant
from storekeep.shop.reports.verify.scope import ORDERS, recent
from storekeep.shop.reports.verify.sql import Rule, checks, differs, twice, twice_among

#: Shorter notes are words that anybody may write in a mail too.
_TELLING = 20

#: A note gets only into what is written after it.
_WRITTEN = {
    "note": "conversation_id IN [conversations] OR order_id IN [orders]",
    **recent("mail", "message"),
}

_C3 = checks(
    "note",
    Rule("mail and note", "the mail holds a note that was for colleagues", f"""
        SELECT m.id, n.id AS note_id, 'no note' AS expected, 'the note' AS found FROM note n
        JOIN mail m ON m.conversation_id = n.conversation_id
        WHERE LENGTH(n.body) >= {_TELLING} AND STRPOS(m.body_text, n.body) > 0
        UNION SELECT m.id, n.id, 'no note', 'the note' FROM note n JOIN mail m ON m.order_id = n.order_id
        WHERE LENGTH(n.body) >= {_TELLING} AND STRPOS(m.body_text, n.body) > 0"""),
    Rule("message and note", "what was told the customer holds a note that was for colleagues", f"""
        SELECT m.id, n.id AS note_id, 'no note' AS expected, 'the note' AS found FROM note n
        JOIN message m ON m.conversation_id = n.conversation_id AND m.direction = 'out'
        WHERE LENGTH(n.body) >= {_TELLING} AND STRPOS(m.body, n.body) > 0"""),
    within=_WRITTEN,
)  # fmt: skip

_C6 = checks(
    "remedy",
    Rule("remedy of command", "the command took effect twice", twice("command_id", "remedy"),
         quick=twice_among("command_id", "remedy", "id >= [floor]")),
    Rule("remedy", "its amount is not what its documents took off the order", """
        SELECT r.id, COALESCE(SUM(a.gross_minor), 0) AS expected, r.amount_minor AS found FROM remedy r
        LEFT JOIN order_adjustment a ON a.order_id = r.order_id AND a.command_id IN
        (r.command_id || '\\:units', r.command_id || '\\:goodwill', r.command_id || '\\:cancel')
        WHERE r.kind = 'refund' GROUP BY r.id, r.amount_minor
        HAVING COALESCE(SUM(a.gross_minor), 0) <> r.amount_minor"""),
    Rule("remedy", "there is no return of its", """
        SELECT r.id, r.order_id AS expected, 'no return' AS found FROM remedy r
        LEFT JOIN goods_return g ON g.id = r.id AND g.order_id = r.order_id
        WHERE r.kind = 'return' AND g.id IS NULL"""),
    Rule("refund of provider object", "two refunds claim the same one",
         twice("payment_id, provider_ref", "refund", "provider_ref IS NOT NULL"),
         within={"refund": "payment_id IN [payments]"}),
    within=ORDERS,
)  # fmt: skip

_C7 = checks(
    "order_line",
    Rule("order_line", "more units were made good than were sent", """
        SELECT id, fulfilled AS expected, refunded + replaced AS found FROM order_line
        WHERE refunded + replaced > fulfilled OR refunded < 0 OR replaced < 0"""),
    Rule("order", "more is given back than was taken", """
        SELECT r.order_id, COALESCE(t.amount, 0) AS expected, r.amount AS found FROM (
        SELECT order_id, SUM(amount_minor) AS amount FROM refund WHERE status NOT IN ('failed', 'canceled')
        GROUP BY order_id) r LEFT JOIN (SELECT p.order_id, SUM(e.amount_minor) AS amount FROM payment_event e
        JOIN payment p ON p.id = e.payment_id WHERE e.kind = 'captured' GROUP BY p.order_id) t
        ON t.order_id = r.order_id WHERE r.amount > COALESCE(t.amount, 0)"""),
    Rule("order_adjustment", "more is given back for it than it took off", """
        SELECT a.id, a.gross_minor AS expected, SUM(r.amount_minor) AS found FROM refund r
        JOIN order_adjustment a ON a.id = r.adjustment_id WHERE r.status NOT IN ('failed', 'canceled')
        GROUP BY a.id, a.gross_minor HAVING SUM(r.amount_minor) > a.gross_minor"""),
    within=ORDERS,
)  # fmt: skip

_C8 = checks(
    "SELECT id FROM stock_move WHERE kind = 'return_in'",
    Rule("stock_move", "goods did not come back from the customer into quarantine or receiving", """
        SELECT m.id, 'customer to quarantine' AS expected, f.kind || ' to ' || t.kind AS found FROM stock_move m
        JOIN location f ON f.id = m.from_location_id JOIN location t ON t.id = m.to_location_id
        WHERE (m.kind = 'return_in' OR f.kind = 'customer')
        AND NOT (m.kind = 'return_in' AND f.kind = 'customer' AND t.kind IN ('quarantine', 'receiving'))"""),
    Rule("ledger_entry", "a story of money touches goods, or a story of goods touches money", """
        SELECT DISTINCT e.id, e.kind AS expected, p.account AS found FROM ledger_entry e
        JOIN posting p ON p.entry_id = e.id
        WHERE ((e.kind LIKE 'refund.%' OR e.kind LIKE 'payment.%') AND p.account IN ('1300', '5000', '5100'))
        OR (e.kind LIKE 'goods.%' AND p.account IN ('1000', '1100', '1200', '2300', '2400'))"""),
    within={"stock_move": "id >= [floor]", "ledger_entry": "id >= [floor]", "posting": "entry_id >= [floor]"},
)  # fmt: skip

def _moved(column: str, outcome: str, moves: str) -> Rule:
    """Per variant, since what is decided about returned goods leaves a move of its own, not one of the return."""
    text = f"the returned units counted as {column} are not those that {outcome}"
    return Rule("variant", text, differs(
        "variant_id", f"SELECT variant_id, qty AS amount FROM stock_move WHERE {moves}",
        f"SELECT variant_id, {column} AS amount FROM goods_return_line",
    ), within=dict.fromkeys(("stock_move", "goods_return_line"), "variant_id IN [returned]"))  # fmt: skip


_C9 = checks(
    "goods_return_line",
    Rule("goods_return_line of return and line", "what it received is not what came in", differs(
        "return_id, order_line_id",
        "SELECT document_id AS return_id, line_id AS order_line_id, qty AS amount FROM stock_move "
        "WHERE kind = 'return_in' AND line_id IS NOT NULL",
        "SELECT return_id, order_line_id, received AS amount FROM goods_return_line",
    )),
    Rule("goods_return_line", "its units do not end in one place each", """
        SELECT l.id, l.received AS expected, l.restocked + l.quarantined + l.scrapped AS found
        FROM goods_return_line l JOIN goods_return g ON g.id = l.return_id
        WHERE l.restocked + l.quarantined + l.scrapped > l.received OR l.received > l.qty
        OR (g.status = 'closed' AND l.restocked + l.quarantined + l.scrapped <> l.received)"""),
    Rule("order_line", "more came back than was sent", """
        SELECT l.id, l.fulfilled + l.replaced AS expected, SUM(g.received) AS found FROM goods_return_line g
        JOIN order_line l ON l.id = g.order_line_id GROUP BY l.id, l.fulfilled, l.replaced
        HAVING SUM(g.received) > l.fulfilled + l.replaced"""),
    _moved("restocked", "went back to a bin", "kind = 'putaway' AND reason = 'good again'"),
    _moved("scrapped", "were thrown away", "kind = 'scrap' AND reason = 'returned, not fit for sale'"),
    within=ORDERS,
)  # fmt: skip

INVARIANTS = (
    Invariant("C3", "No note for colleagues is in a mail or a message to a customer.", _C3),
    Invariant("C6", "A remedy took effect once, exactly as its documents say.", _C6),
    Invariant("C7", "Per line and order, nothing is made good twice or beyond what was paid.", _C7),
    Invariant("C8", "Refunds move no goods, and goods come back from the customer into quarantine.", _C8),
    Invariant("C9", "Every returned unit was received by a move, ends in one place, and was moved there.", _C9),
)
