"""P: buying. Orders against receipts, receipts against moves, invoices and returns against what stands on 2050."""

# ruff: noqa: S608 - every query here is put together from constants of this package

from storekeep.shop.reports.verify.model import Invariant
from storekeep.shop.reports.verify.scope import PURCHASES
from storekeep.shop.reports.verify.sql import Rule, checks, differs, unequal

_BOOKED = "('accept', 'hold', 'return')"


def _came(dispositions: str) -> str:
    return (
        "SELECT l.purchase_order_line_id AS line_id, l.counted AS amount FROM receipt_line l "
        "JOIN receipt r ON r.id = l.receipt_id WHERE r.status = 'posted' "
        f"AND l.purchase_order_line_id IS NOT NULL AND l.disposition IN {dispositions}"
    )


def _counter(name: str) -> str:
    return f"SELECT id AS line_id, {name} AS amount FROM purchase_order_line"


def _of_receipt_line(name: str) -> str:
    return f"SELECT id AS line_id, {name} AS amount FROM receipt_line"


_MATCHES = "SELECT receipt_line_id AS line_id, {} AS amount FROM invoice_match"
_RETURNS = "SELECT receipt_line_id AS line_id, {} AS amount FROM supplier_return"
_BY_ORDER_LINE = (
    "SELECT l.purchase_order_line_id AS line_id, x.qty AS amount FROM {} x "
    "JOIN receipt_line l ON l.id = x.receipt_line_id WHERE l.purchase_order_line_id IS NOT NULL"
)

_P1 = checks(
    "purchase_order_line",
    Rule("purchase_order_line", "what it says came is not what was booked in",
         differs("line_id", _came(_BOOKED), _counter("received"))),
    Rule("purchase_order_line", "what it says was refused is not what was",
         differs("line_id", _came("('refuse')"), _counter("rejected"))),
    Rule("purchase_order_line", "what it says was charged is not what invoices matched",
         differs("line_id", _BY_ORDER_LINE.format("invoice_match"), _counter("billed"))),
    Rule("purchase_order_line", "what it says went back is not what did",
         differs("line_id", _BY_ORDER_LINE.format("supplier_return"), _counter("returned"))),
    Rule("receipt_line", "the units charged are not those that invoices matched",
         differs("line_id", _MATCHES.format("qty"), _of_receipt_line("billed"))),
    Rule("receipt_line", "the value charged is not what invoices cleared",
         differs("line_id", _MATCHES.format("grni_minor"), _of_receipt_line("billed_minor"))),
    Rule("receipt_line", "the units sent back are not those of its returns",
         differs("line_id", _RETURNS.format("qty"), _of_receipt_line("returned"))),
    Rule("receipt_line", "the value sent back uncharged is not that of its returns",
         differs("line_id", _RETURNS.format("grni_minor"), _of_receipt_line("uncharged_minor"))),
    within=PURCHASES,
)  # fmt: skip

_P2 = checks(
    "purchase_order_line",
    Rule("purchase_order_line", "more came than was ordered and tolerated, and nobody said why", """
        SELECT l.id, l.ordered + l.ordered * l.tolerance_bp / 10000 AS expected, l.received + l.rejected AS found
        FROM purchase_order_line l WHERE l.received + l.rejected > l.ordered + l.ordered * l.tolerance_bp / 10000
        AND NOT EXISTS (SELECT 1 FROM receipt_line d JOIN receipt r ON r.id = d.receipt_id
        WHERE d.purchase_order_line_id = l.id AND r.status = 'posted' AND d.decision_reason IS NOT NULL)"""),
    Rule("receipt_line", "it was booked in without a decision, or without its reason", """
        SELECT l.id, 'a decision' AS expected, COALESCE(l.disposition, 'none') AS found
        FROM receipt_line l JOIN receipt r ON r.id = l.receipt_id WHERE r.status = 'posted' AND (l.disposition IS NULL
        OR l.finding IS NULL OR (l.finding IN ('over', 'wrong', 'unplanned', 'damaged') AND l.decision_reason IS NULL))
        """),
    within=PURCHASES,
)  # fmt: skip

#: Each side of 2050 by what caused it: goods that came, invoices that were matched, goods that went back uncharged.
_NOT_INVOICED = """SELECT 'goods.received' AS kind, document_id AS source_id, -value_minor AS amount FROM stock_move
WHERE kind = 'receive' UNION ALL SELECT 'invoice.matched', i.id, m.grni_minor FROM invoice_match m
JOIN supplier_invoice_line l ON l.id = m.supplier_invoice_line_id
JOIN supplier_invoice i ON i.id = l.supplier_invoice_id
UNION ALL SELECT 'goods.sent_back', id, grni_minor FROM supplier_return"""
_ON_2050 = """SELECT e.kind, e.source_id, p.amount_minor AS amount FROM posting p
JOIN ledger_entry e ON e.id = p.entry_id WHERE p.account = '2050'"""
#: One story's rows and its entry bear one instant, so all of a story are new or none is.
_SINCE = {
    "stock_move": "id >= [floor] AND posted_at >= :since",
    "supplier_invoice": "status = 'matched' AND matched_at >= :since",
    "supplier_return": "id >= [floor] AND made_at >= :since",
    "posting": "entry_id IN (SELECT id FROM ledger_entry WHERE id >= [floor] AND occurred_at >= :since)",
}

_P3 = checks(
    "receipt_line",
    Rule("account 2050 for", "received and not invoiced is not what came less what was charged and sent back",
         differs("kind, source_id", _NOT_INVOICED, _ON_2050), within=_SINCE),
    Rule("receipt_line", "all of it was charged or sent back, and something of it is left on 2050", """
        SELECT id, value_minor AS expected, billed_minor + uncharged_minor AS found FROM receipt_line
        WHERE billed + uncharged = counted AND billed_minor + uncharged_minor <> value_minor"""),
    Rule("supplier_invoice", "its units or its difference are not those of its matches", unequal("i.id", {
        "units": ("l.units", "COALESCE(m.units, 0)"),
        "difference": ("i.total_minor - COALESCE(m.minor, 0)", "i.difference_minor"),
        "total": ("l.minor", "i.total_minor"),
    }, """supplier_invoice i JOIN (SELECT supplier_invoice_id, SUM(qty) AS units, SUM(amount_minor) AS minor
        FROM supplier_invoice_line GROUP BY supplier_invoice_id) l ON l.supplier_invoice_id = i.id
        LEFT JOIN (SELECT n.supplier_invoice_id, SUM(x.qty) AS units, SUM(x.grni_minor) AS minor FROM invoice_match x
        JOIN supplier_invoice_line n ON n.id = x.supplier_invoice_line_id GROUP BY n.supplier_invoice_id) m
        ON m.supplier_invoice_id = i.id""", "i.status = 'matched'")),
    within=PURCHASES,
)  # fmt: skip

_LINES_BOOKED = (
    "SELECT l.receipt_id, l.variant_id, l.{0} AS amount FROM receipt_line l JOIN receipt r ON r.id = l.receipt_id "
    f"WHERE r.status = 'posted' AND l.disposition IN {_BOOKED}"
)
_MOVES_BOOKED = (
    "SELECT m.document_id AS receipt_id, m.variant_id, m.{0} AS amount FROM stock_move m "
    "JOIN receipt r ON r.id = m.document_id WHERE m.kind = 'receive'"
)
_LOTS_BOOKED = _LINES_BOOKED.format("counted").replace("SELECT", "SELECT COALESCE(l.lot_code, '') AS lot,", 1)
_LOTS_MOVED = """SELECT COALESCE(t.code, '') AS lot, m.document_id AS receipt_id, m.variant_id, m.qty AS amount
FROM stock_move m JOIN receipt r ON r.id = m.document_id LEFT JOIN lot t ON t.id = m.lot_id WHERE m.kind = 'receive'"""

_P4 = checks(
    "receipt",
    Rule("receipt of variant", "the units in the goods ledger are not those that were booked in",
         differs("receipt_id, variant_id", _MOVES_BOOKED.format("qty"), _LINES_BOOKED.format("counted"))),
    Rule("receipt of variant", "the value in the goods ledger is not that which was booked in",
         differs("receipt_id, variant_id", _MOVES_BOOKED.format("value_minor"), _LINES_BOOKED.format("value_minor"))),
    Rule("receipt of variant and lot", "the lots in the goods ledger are not those that were booked in",
         differs("receipt_id, variant_id, lot", _LOTS_MOVED, _LOTS_BOOKED)),
    Rule("supplier_return", "the goods ledger has other units or another cost", unequal("s.id", {
        "units": ("COALESCE(m.qty, 0)", "s.qty"), "cost": ("COALESCE(m.cost, 0)", "s.cost_minor"),
    }, """supplier_return s LEFT JOIN (SELECT document_id, SUM(qty) AS qty, SUM(value_minor) AS cost FROM stock_move
        WHERE kind = 'return_out' GROUP BY document_id) m ON m.document_id = s.id""")),
    within=PURCHASES,
)  # fmt: skip

_P5 = checks(
    "purchase_order",
    Rule("purchase_order", "its version is not the last of its versions, or one of them is missing", """
        SELECT o.id, o.version AS expected, COUNT(v.id) AS found FROM purchase_order o
        LEFT JOIN purchase_order_version v ON v.purchase_order_id = o.id AND v.version <= o.version
        GROUP BY o.id, o.version HAVING COUNT(v.id) <> o.version
        UNION ALL SELECT o.id, o.version, v.version FROM purchase_order o
        JOIN purchase_order_version v ON v.purchase_order_id = o.id WHERE v.version > o.version"""),
    Rule("purchase_order", "its status is not what came of it", """
        SELECT o.id, o.status AS expected, SUM(l.received) AS found FROM purchase_order o
        JOIN purchase_order_line l ON l.purchase_order_id = o.id GROUP BY o.id, o.status
        HAVING (o.status IN ('draft', 'approved', 'sent', 'confirmed', 'canceled') AND SUM(l.received) > 0)
        OR (o.status = 'part_received' AND (SUM(l.received) = 0
        OR SUM(CASE WHEN l.received + l.canceled < l.ordered THEN 1 ELSE 0 END) = 0))
        OR (o.status IN ('received', 'closed', 'canceled')
        AND SUM(CASE WHEN l.received + l.canceled < l.ordered THEN 1 ELSE 0 END) > 0)"""),
    within=PURCHASES,
)  # fmt: skip

INVARIANTS = (
    Invariant("P1", "Lines of orders and receipts count what receipts, invoices and returns say.", _P1),
    Invariant("P2", "No more comes in than ordered and tolerated, but by a decision with its reason.", _P2),
    Invariant("P3", "What stands on 2050 is what came less what was charged or sent back.", _P3),
    Invariant("P4", "A receipt was booked in once, and a return left once, as their lines say.", _P4),
    Invariant("P5", "An order's status and version are those of its lines and versions.", _P5),
)
