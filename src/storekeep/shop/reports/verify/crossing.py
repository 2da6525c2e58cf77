"""X: books agree with each other. Labels with parcels, mails with messages, goods with money, promises with goods."""

# ruff: noqa: S608 - every query here is put together from constants of this package

from storekeep.shop.reports.verify.model import Invariant
from storekeep.shop.reports.verify.scope import ORDERS, PARCELS
from storekeep.shop.reports.verify.sql import Rule, checks, differs

_LABELLED = "('labelled', 'handed_over', 'delivered', 'returned', 'lost')"

_X1 = checks(
    "shipment",
    Rule("shipment", "it has no bought label of its number and price", f"""
        SELECT s.id, COALESCE(s.tracking_number, 'a number') || ' for ' || CAST(s.cost_minor AS TEXT) AS expected,
        COALESCE(p.tracking_number || ' for ' || CAST(p.cost_minor AS TEXT), 'no label') AS found FROM shipment s
        LEFT JOIN label_purchase p ON p.shipment_id = s.id AND p.status = 'bought' WHERE s.status IN {_LABELLED}
        AND (p.id IS NULL OR COALESCE(s.tracking_number, '') <> COALESCE(p.tracking_number, '')
        OR s.cost_minor <> p.cost_minor OR s.labelled_at IS NULL)"""),
    Rule("shipment", "its label was not kept", f"""
        SELECT s.id, 'a label' AS expected, 'no document' AS found FROM shipment s WHERE s.status IN {_LABELLED}
        AND NOT EXISTS (SELECT 1 FROM document d WHERE d.subject_id = s.id AND d.kind = 'label')"""),
    Rule("label_purchase", "a bought label has no parcel, and nobody hands it back", f"""
        SELECT p.id, 'a labelled parcel' AS expected, s.status AS found FROM label_purchase p
        JOIN shipment s ON s.id = p.shipment_id LEFT JOIN outbox o ON o.key = 'label.void:' || CAST(p.id AS TEXT)
        WHERE p.status = 'bought' AND s.status NOT IN {_LABELLED} AND o.id IS NULL""",
         within={"label_purchase": "id IN [labels]"}),
    Rule("shipment", "the labels booked are not the labels bought", differs(
        "shipment_id",
        "SELECT shipment_id, cost_minor AS amount FROM label_purchase WHERE status = 'bought'",
        "SELECT e.source_id AS shipment_id, p.amount_minor AS amount FROM posting p "
        "JOIN ledger_entry e ON e.id = p.entry_id WHERE e.kind = 'label.bought' AND p.account = '5200'",
    )),
    Rule("message", "its mail is not that of its conversation", """
        SELECT m.id, m.conversation_id AS expected, COALESCE(CAST(l.conversation_id AS TEXT), 'no mail') AS found
        FROM message m LEFT JOIN mail l ON l.id = m.mail_id
        WHERE m.mail_id IS NOT NULL AND (l.conversation_id IS NULL OR l.conversation_id <> m.conversation_id)"""),
    within={**PARCELS, "message": "id >= [floor]", "ledger_entry": "source_id IN [parcels]"},
)  # fmt: skip

#: What is still to be sent again, by order line.
_AGAIN = """SELECT l.order_line_id AS id, l.qty - l.dropped AS amount FROM fulfillment_line l
JOIN fulfillment f ON f.id = l.fulfillment_id WHERE f.kind = 'reship' AND f.status NOT IN ('handed_over', 'canceled')"""
_LIVE = "('pending_payment', 'open', 'completed')"

_X2 = checks(
    "order_line",
    Rule("order", "what its goods cost is not what was booked when they left", differs(
        "order_id",
        "SELECT f.order_id, m.value_minor AS amount FROM stock_move m JOIN fulfillment_line l ON l.id = m.line_id "
        "JOIN fulfillment f ON f.id = l.fulfillment_id WHERE m.kind = 'ship'",
        "SELECT p.order_id, -p.amount_minor AS amount FROM posting p JOIN ledger_entry e ON e.id = p.entry_id "
        "WHERE e.kind = 'goods.shipped' AND p.account = '1300'",
    )),
    Rule("order", "what came back is not what was booked", differs(
        "order_id",
        "SELECT l.order_id, m.value_minor AS amount FROM stock_move m LEFT JOIN order_line l ON l.id = m.line_id "
        "WHERE m.kind = 'return_in'",
        "SELECT p.order_id, p.amount_minor AS amount FROM posting p JOIN ledger_entry e ON e.id = p.entry_id "
        "WHERE e.kind = 'goods.returned' AND p.account = '1300'",
    )),
    Rule("order_line", "its open units are not reserved, unit for unit", differs(
        "id",
        "SELECT l.id, l.ordered - l.canceled - l.fulfilled AS amount FROM order_line l "
        f"JOIN sales_order o ON o.id = l.order_id WHERE o.status IN {_LIVE} UNION ALL {_AGAIN}",
        "SELECT r.order_line_id AS id, r.qty AS amount FROM reservation r "
        "WHERE r.status IN ('firm', 'assigned', 'picked', 'waiting')",
    )),
    Rule("order_line", "its open units of a confirmed order are not the warehouse's work", differs(
        "id",
        "SELECT l.id, l.ordered - l.canceled - l.fulfilled AS amount FROM order_line l JOIN sales_order o "
        "ON o.id = l.order_id WHERE o.status IN ('open', 'completed') AND NOT EXISTS "
        "(SELECT 1 FROM order_wait w WHERE w.order_id = o.id AND w.ended_at IS NULL)",
        "SELECT l.order_line_id AS id, l.qty - l.dropped AS amount FROM fulfillment_line l "
        "JOIN fulfillment f ON f.id = l.fulfillment_id "
        "WHERE f.kind = 'sale' AND f.status NOT IN ('handed_over', 'canceled')",
    )),
    within=ORDERS,
)  # fmt: skip

INVARIANTS = (
    Invariant("X1", "Labels and parcels, label costs and postings, messages and mails belong together.", _X1),
    Invariant("X2", "Goods and money agree; every unit of a live order is reserved, sent or canceled.", _X2),
)
