"""M: the money ledger, and every money column that a page shows, recomputed from postings and payment events."""

# ruff: noqa: S608 - every query here is put together from constants of this package

from storekeep.shop.payments.states import ATTEMPT, REFUND
from storekeep.shop.reports.verify.goods import CROSSING
from storekeep.shop.reports.verify.histories import beginnings, breaks, current, edges
from storekeep.shop.reports.verify.model import Invariant
from storekeep.shop.reports.verify.orders import upto
from storekeep.shop.reports.verify.scope import ORDERS
from storekeep.shop.reports.verify.sql import Rule, checks, differs, twice, twice_among, unequal

_CASH = "('1000', '1200')"

#: New entries, each with all its postings.
_ENTRIES = {"ledger_entry": "id >= [floor]", "posting": "entry_id >= [floor]"}

_M1 = checks(
    "ledger_entry",
    Rule("ledger_entry", "its postings do not sum to zero", """
        SELECT entry_id, currency, 0 AS expected, SUM(amount_minor) AS found FROM posting
        GROUP BY entry_id, currency HAVING SUM(amount_minor) <> 0"""),
    Rule("ledger_entry", "it has fewer than two postings", """
        SELECT e.id, 'at least 2' AS expected, COUNT(p.id) AS found FROM ledger_entry e
        LEFT JOIN posting p ON p.entry_id = e.id GROUP BY e.id HAVING COUNT(p.id) < 2"""),
    Rule("trial balance", "debits and credits differ", """
        SELECT currency, 0 AS expected, SUM(amount_minor) AS found FROM posting
        GROUP BY currency HAVING SUM(amount_minor) <> 0"""),
    within=_ENTRIES,
)  # fmt: skip

_ONCE = "kind IN ('payment.captured', 'order.shipped', 'goods.shipped')"

_M3 = checks(
    "ledger_entry",
    Rule("ledger_entry of key", "the key posted twice", twice("idempotency_key", "ledger_entry"),
         quick=twice_among("idempotency_key", "ledger_entry", "id >= [floor]")),
    Rule("ledger_entry of source", "what happens once was posted twice",
         twice("kind, source_id", "ledger_entry", _ONCE),
         quick=twice("kind, source_id", "ledger_entry",
                     f"source_id IN (SELECT source_id FROM ledger_entry WHERE id >= [floor]) AND {_ONCE}")),
    Rule("payment", "its entries are not its events", differs(
        "payment_id, kind",
        "SELECT payment_id, CASE kind WHEN 'captured' THEN 'payment.captured' WHEN 'refunded' THEN 'refund.succeeded' "
        "ELSE 'refund.failed' END AS kind, amount_minor AS amount FROM payment_event "
        "WHERE kind IN ('captured', 'refunded', 'refund_failed')",
        "SELECT p.payment_id, e.kind, ABS(p.amount_minor) AS amount FROM posting p JOIN ledger_entry e "
        f"ON e.id = p.entry_id WHERE p.account IN {_CASH} "
        "AND e.kind IN ('payment.captured', 'refund.succeeded', 'refund.failed')",
    ), within=ORDERS),
    within=_ENTRIES,
)  # fmt: skip

#: Each payment's amounts from its events and refunds.
_PAYMENTS = """(SELECT p.*, COALESCE(e.captured, 0) AS took, COALESCE(e.refunded, 0) AS gave,
CASE WHEN COALESCE(e.captured, 0) = 0 AND COALESCE(e.voids, 0) = 0 THEN COALESCE(e.authorized, 0) ELSE 0 END AS live,
COALESCE(e.authorized, 0) AS promised, COALESCE(r.underway, 0) AS underway FROM payment p
LEFT JOIN (SELECT payment_id, SUM(CASE WHEN kind = 'captured' THEN amount_minor ELSE 0 END) AS captured,
SUM(CASE kind WHEN 'refunded' THEN amount_minor WHEN 'refund_failed' THEN -amount_minor ELSE 0 END) AS refunded,
SUM(CASE WHEN kind = 'authorized' THEN amount_minor ELSE 0 END) AS authorized,
SUM(CASE WHEN kind = 'voided' THEN 1 ELSE 0 END) AS voids FROM payment_event GROUP BY payment_id) e
ON e.payment_id = p.id LEFT JOIN (SELECT payment_id, SUM(amount_minor) AS underway FROM refund
WHERE status IN ('requested', 'sent', 'pending', 'unknown') GROUP BY payment_id) r ON r.payment_id = p.id) known"""

_M5 = checks(
    "payment",
    Rule("payment", "its amounts are not those of its events and refunds", unequal("id", {
        "authorized": ("live", "authorized_minor"),
        "captured": ("took", "captured_minor"),
        "refunded": ("gave", "refunded_minor"),
        "refund pending": ("underway", "refund_pending_minor"),
    }, _PAYMENTS)),
    Rule("payment", "more goes back than was taken", f"""
        SELECT id, took AS expected, gave + underway AS found FROM {_PAYMENTS}
        WHERE gave + underway > took OR gave < 0"""),
    Rule("payment", "more was taken than the bank had promised", f"""
        SELECT id, promised AS expected, took AS found FROM {_PAYMENTS} WHERE promised > 0 AND took > promised"""),
    within={**ORDERS, "refund": "payment_id IN [payments]"},
)  # fmt: skip

_ORDER_MONEY = f"""sales_order o
LEFT JOIN (SELECT order_id, SUM(gross_minor) AS amount FROM order_adjustment GROUP BY order_id) a ON a.order_id = o.id
LEFT JOIN (SELECT p.order_id, SUM(CASE WHEN e.kind = 'payment.captured' THEN p.amount_minor ELSE 0 END) AS received,
SUM(CASE WHEN e.kind IN ('refund.succeeded', 'refund.failed') THEN -p.amount_minor ELSE 0 END) AS given_back
FROM posting p JOIN ledger_entry e ON e.id = p.entry_id WHERE p.account IN {_CASH} GROUP BY p.order_id) c
ON c.order_id = o.id
LEFT JOIN (SELECT order_id, SUM(live) AS live FROM {_PAYMENTS} GROUP BY order_id) s ON s.order_id = o.id"""

_M6 = checks(
    "sales_order",
    Rule("order", "its money is not that of its documents and postings", unequal("o.number, o.id", {
        "owed": ("o.total_minor - COALESCE(a.amount, 0)", "o.owed_minor"),
        "received": ("COALESCE(c.received, 0)", "o.received_minor"),
        "given back": ("COALESCE(c.given_back, 0)", "o.given_back_minor"),
        "authorized": ("COALESCE(s.live, 0)", "o.authorized_minor"),
    }, _ORDER_MONEY)),
    Rule("order and account", "it is settled, and something is left on the account", """
        SELECT o.number, o.id, p.account, 0 AS expected, SUM(p.amount_minor) AS found FROM sales_order o
        JOIN posting p ON p.order_id = o.id WHERE o.status = 'completed' AND p.account IN ('1100', '2300', '2400')
        AND o.owed_minor - o.received_minor + o.given_back_minor = 0
        GROUP BY o.number, o.id, p.account HAVING SUM(p.amount_minor) <> 0"""),
    within=ORDERS,
)  # fmt: skip

#: Tax due: the share of the units that were sent, delivery with the first of them, less what was taken back after.
_TAX_DUE = f"""SELECT p.order_id, p.tax_label, {upto("p.tax_minor", "p.units", "l.fulfilled")} AS amount
FROM order_part p JOIN order_line l ON l.id = p.order_line_id WHERE p.kind = 'goods' AND l.fulfilled > 0
UNION ALL SELECT p.order_id, p.tax_label, p.tax_minor FROM order_part p WHERE p.kind = 'shipping'
AND EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = p.order_id AND l.fulfilled > 0)
AND NOT EXISTS (SELECT 1 FROM order_adjustment_line t WHERE t.part_id = p.id AND NOT t.was_shipped)
UNION ALL SELECT p.order_id, p.tax_label, -t.tax_minor FROM order_adjustment_line t
JOIN order_part p ON p.id = t.part_id WHERE t.was_shipped"""

_M9 = checks(
    "SELECT id FROM posting WHERE account = '2100'",
    Rule("order and tax", "the tax booked is not that of what was sent and kept", differs(
        "order_id, tax_label", _TAX_DUE,
        "SELECT order_id, detail AS tax_label, -amount_minor AS amount FROM posting WHERE account = '2100'",
    )),
    within=ORDERS,
)  # fmt: skip

_KINDS = """SELECT 'landed costs' AS story, value_minor AS amount FROM cost_adjustment UNION ALL
SELECT CASE kind WHEN 'receive' THEN 'goods received' WHEN 'ship' THEN 'goods sent'
WHEN 'return_in' THEN 'goods returned' WHEN 'transfer_out' THEN 'goods between warehouses'
WHEN 'transfer_in' THEN 'goods between warehouses'
ELSE 'goods adjusted or scrapped' END AS story, value_in AS amount FROM"""
_ENTRY_KINDS = """SELECT CASE e.kind WHEN 'goods.received' THEN 'goods received' WHEN 'goods.shipped' THEN 'goods sent'
WHEN 'goods.returned' THEN 'goods returned' WHEN 'cost.landed' THEN 'landed costs' ELSE 'goods adjusted or scrapped'
END AS story, p.amount_minor AS amount FROM posting p JOIN ledger_entry e ON e.id = p.entry_id
WHERE p.account = '1300'"""

_POOLS_AGAINST = """SELECT 'cost_pool' AS pool, SUM(of_pools) AS expected, SUM(of_books) AS found FROM (
SELECT value_minor AS of_pools, 0 AS of_books FROM cost_pool
UNION ALL SELECT 0, amount_minor FROM {} WHERE account = '1300') both_sides HAVING SUM(of_pools) <> SUM(of_books)"""

#: One story's moves and entry bear one instant, so both of a story are new or neither is.
_SINCE = {
    "stock_move": "id >= [floor] AND posted_at >= :since",
    "cost_adjustment": "id >= [floor] AND posted_at >= :since",
    "posting": "entry_id IN (SELECT id FROM ledger_entry WHERE id >= [floor] AND occurred_at >= :since)",
}

_M10 = checks(
    "cost_pool",
    # The sum of the account's postings is M12's; in a quick run its balance stands for them.
    Rule("account 1300 against", "the inventory in the books is not what the cost pools hold",
         _POOLS_AGAINST.format("posting"), quick=_POOLS_AGAINST.format("ledger_balance")),
    Rule("account 1300 for", "the inventory in the books is not what moves say",
         differs("story", f"{_KINDS} ({CROSSING}) crossing", _ENTRY_KINDS), within=_SINCE),
    within={"cost_pool": "variant_id IN [variants]"},
)  # fmt: skip

_TAKEN = """SELECT p.order_id, SUM(e.amount_minor) AS amount FROM payment_event e
JOIN payment p ON p.id = e.payment_id WHERE e.kind = 'captured' GROUP BY p.order_id"""

_M11 = checks(
    "sales_order",
    Rule("order", "it counts as paid without a captured payment", f"""
        SELECT o.number, o.id, 'money received' AS expected, o.payment_status AS found FROM sales_order o
        LEFT JOIN ({_TAKEN}) t ON t.order_id = o.id WHERE t.order_id IS NULL
        AND o.payment_status IN ('paid', 'overpaid', 'partially_paid', 'partially_refunded', 'refunded')"""),
    Rule("order", "its money was taken and it was never confirmed", f"""
        SELECT o.number, o.id, 'confirmed' AS expected, o.status AS found FROM sales_order o
        JOIN ({_TAKEN}) t ON t.order_id = o.id WHERE o.status = 'pending_payment' AND t.amount >= o.owed_minor"""),
    Rule("order", "goods paid by card left before any money was taken", f"""
        SELECT DISTINCT o.number, o.id, 'money received' AS expected, 'none' AS found FROM sales_order o
        JOIN fulfillment f ON f.order_id = o.id AND f.kind = 'sale' AND f.status = 'handed_over'
        LEFT JOIN ({_TAKEN}) t ON t.order_id = o.id
        WHERE o.tender = 'card' AND o.total_minor > 0 AND t.order_id IS NULL AND o.owed_minor > 0"""),
    within=ORDERS,
)  # fmt: skip

#: A balance sums up all postings ever, so a quick run sees only that no balance was changed alone.
_UNBALANCED = """SELECT 'all accounts' AS account, currency, 0 AS expected, SUM(amount_minor) AS found
FROM ledger_balance GROUP BY currency HAVING SUM(amount_minor) <> 0"""

_M12 = checks(
    "ledger_balance",
    Rule("ledger_balance", "it is not the sum of its postings", differs(
        "account, currency",
        "SELECT account, currency, amount_minor AS amount FROM posting",
        "SELECT account, currency, amount_minor AS amount FROM ledger_balance",
    ), quick=_UNBALANCED),
    within={},
)  # fmt: skip

_M15 = checks(
    "SELECT id FROM status_change WHERE machine IN ('payment_attempt', 'refund')",
    Rule("status_change", "this step is not allowed", edges((ATTEMPT, REFUND))),
    Rule("status_change of", "its history does not begin exactly once", beginnings((ATTEMPT, REFUND))),
    Rule("status_change of", "its steps do not join into one way", breaks((ATTEMPT, REFUND))),
    Rule("payment_attempt", "its status is not the last of its history", current(ATTEMPT, "payment_attempt"),
         within={"payment_attempt": "id IN [attempts]"}),
    Rule("refund", "its status is not the last of its history", current(REFUND, "refund"),
         within={"refund": "id IN [refunds]"}),
    Rule("payment_attempt", "its status says what no event of its payment says", """
        SELECT a.id, a.status AS expected, 'no such event' AS found FROM payment_attempt a
        WHERE a.status IN ('authorized', 'captured') AND NOT EXISTS (SELECT 1 FROM payment_event e
        WHERE e.payment_id = a.payment_id AND e.kind IN (a.status, 'captured'))"""),
    Rule("refund", "it counts as succeeded without an event of its amount", """
        SELECT r.id, r.amount_minor AS expected, COALESCE(e.amount_minor, 0) AS found FROM refund r
        LEFT JOIN payment_event e ON e.payment_id = r.payment_id AND e.provider_object_id = r.provider_ref
        AND e.kind = 'refunded' WHERE r.status = 'succeeded' AND (e.id IS NULL OR e.amount_minor <> r.amount_minor)"""),
    within={**ORDERS, "status_change": "subject_id IN [subjects]"},
)  # fmt: skip

_M16 = checks(
    "payment",
    Rule("payment", "more was taken than was asked for", """
        SELECT p.id, p.amount_minor AS expected, SUM(e.amount_minor) AS found FROM payment p
        JOIN payment_event e ON e.payment_id = p.id AND e.kind = 'captured'
        GROUP BY p.id, p.amount_minor HAVING SUM(e.amount_minor) > p.amount_minor"""),
    Rule("payment", "more was asked for than the order comes to", """
        SELECT p.id, o.total_minor AS expected, p.amount_minor AS found FROM payment p
        LEFT JOIN sales_order o ON o.id = p.order_id
        WHERE o.id IS NULL OR p.amount_minor > o.total_minor OR p.currency <> o.currency"""),
    Rule("payment_attempt", "it is not for its payment's order and amount", """
        SELECT a.id, p.amount_minor AS expected, a.amount_minor AS found FROM payment_attempt a
        JOIN payment p ON p.id = a.payment_id
        WHERE a.order_id <> p.order_id OR a.amount_minor <> p.amount_minor OR a.currency <> p.currency"""),
    Rule("order", "more was taken than is owed, and nobody gives it back", """
        SELECT o.number, o.id, o.owed_minor + COALESCE(r.amount, 0) AS expected,
        o.received_minor - o.given_back_minor AS found FROM sales_order o
        LEFT JOIN (SELECT order_id, SUM(amount_minor) AS amount FROM refund
        WHERE status NOT IN ('succeeded', 'canceled') GROUP BY order_id) r ON r.order_id = o.id
        WHERE o.received_minor - o.given_back_minor > o.owed_minor + COALESCE(r.amount, 0)"""),
    within=ORDERS,
)  # fmt: skip

INVARIANTS = (
    Invariant("M1", "Every entry sums to zero per currency, and so does the whole ledger.", _M1),
    Invariant("M3", "A key, a capture and a dispatch post once, and each payment event has its entry.", _M3),
    Invariant("M5", "Per payment, amounts equal events, and no more goes back than came.", _M5),
    Invariant("M6", "Per order, money equals documents and postings; settled orders hold nothing.", _M6),
    Invariant("M9", "Tax payable is the stored tax of what was sent, less that of what was taken back.", _M9),
    Invariant("M10", "The inventory account equals the cost pools and the moves.", _M10),
    Invariant("M11", "No order counts as paid without money, and none whose money came still waits for it.", _M11),
    Invariant("M12", "The balances of the accounts, rebuilt from postings, equal the stored ones.", _M12),
    Invariant("M15", "Attempts and refunds went only where they may, and say what events say.", _M15),
    Invariant("M16", "No capture exceeds what was asked for or is owed, and nothing asked for the order.", _M16),
)
