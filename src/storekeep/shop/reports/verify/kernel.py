"""K: the machinery. Queues, status histories, gap-free numbers, one effect per key, and a whole schema."""

# ruff: noqa: S608 - every query here is put together from constants of this package

from collections.abc import Mapping

from storekeep.kernel.machine import Machine
from storekeep.shop.catalog.states import PRODUCT
from storekeep.shop.fulfillment.states import FULFILLMENT, PICK_BATCH
from storekeep.shop.inventory.states import COUNT_LINE, COUNT_TASK, LOT
from storekeep.shop.payments.states import ATTEMPT, REFUND
from storekeep.shop.purchasing.states import INVOICE, PURCHASE_ORDER, RECEIPT
from storekeep.shop.replenishment.states import SUGGESTION
from storekeep.shop.reports.verify import schema
from storekeep.shop.reports.verify.histories import beginnings, breaks, current, edges
from storekeep.shop.reports.verify.model import Invariant
from storekeep.shop.reports.verify.scope import recent
from storekeep.shop.reports.verify.sql import Rule, checks, differs, twice, twice_among
from storekeep.shop.returns.states import RETURN
from storekeep.shop.shipping.states import LABEL_PURCHASE, SHIPMENT
from storekeep.shop.support.states import CONVERSATION
from storekeep.shop.transfers.states import TRANSFER

#: Every table with a status that moves along a lifecycle.
LIFECYCLES: tuple[tuple[Machine, str], ...] = (
    (PRODUCT, "product"),
    (FULFILLMENT, "fulfillment"),
    (PICK_BATCH, "pick_batch"),
    (SHIPMENT, "shipment"),
    (LABEL_PURCHASE, "label_purchase"),
    (ATTEMPT, "payment_attempt"),
    (REFUND, "refund"),
    (RETURN, "goods_return"),
    (LOT, "lot"),
    (CONVERSATION, "conversation"),
    (COUNT_TASK, "count_task"),
    (COUNT_LINE, "count_line"),
    (SUGGESTION, "replenishment_suggestion"),
    (PURCHASE_ORDER, "purchase_order"),
    (RECEIPT, "receipt"),
    (INVOICE, "supplier_invoice"),
    (TRANSFER, "transfer"),
)
_MACHINES = tuple(machine for machine, _ in LIFECYCLES)


def _queue(table: str) -> Rule:
    """Rows that are neither due, nor running under a lease, nor done, nor dead with a reason."""
    return Rule(table, "it is neither due, running under a lease, done, nor dead with a reason", f"""
        SELECT id, status AS expected, 'attempt ' || CAST(attempt_count AS TEXT) || ', lease ' ||
        COALESCE(leased_by, 'none') || ', done ' || COALESCE(CAST(done_at AS TEXT), 'never') || ', ' ||
        COALESCE(last_error, 'no error') AS found FROM {table}
        WHERE attempt_count < 0 OR status NOT IN ('due', 'running', 'done', 'dead')
        OR (status = 'running') <> (leased_by IS NOT NULL) OR (status = 'running') <> (leased_until IS NOT NULL)
        OR (status = 'done') <> (done_at IS NOT NULL)
        OR (status = 'dead' AND COALESCE(last_error, '') = '')""")  # fmt: skip


_K1 = checks(
    "SELECT id FROM outbox UNION ALL SELECT id FROM inbox",
    _queue("outbox"),
    _queue("inbox"),
    within=dict.fromkeys(("outbox", "inbox"), "id >= [floor] OR status IN ('due', 'running', 'dead')"),
)

_K2 = checks(
    "status_change",
    Rule("status_change", "this step is not allowed", edges(_MACHINES)),
    Rule("status_change of", "its history does not begin exactly once", beginnings(_MACHINES)),
    Rule("status_change of", "its steps do not join into one way", breaks(_MACHINES)),
    Rule("status_change", "nobody knows this lifecycle", f"""
        SELECT id, machine AS expected, to_status AS found FROM status_change
        WHERE machine NOT IN ({', '.join(f"'{machine.name}'" for machine in _MACHINES)})"""),
    *(Rule(table, "its status is not the last of its history", current(machine, table),
           within={table: "id IN [subjects]"})
      for machine, table in LIFECYCLES),
    within={"status_change": "subject_id IN [subjects]"},
)  # fmt: skip

#: Acts of which an audit entry must tell, each once: what they leave behind, and the entry's action and subject.
_ACTS = (
    ("order.placed", "order", "SELECT CAST(id AS TEXT) AS subject_id, 1 AS amount FROM sales_order",
     {"sales_order": "id >= [floor] AND placed_at >= :since"}),
    ("order.canceled", "order",
     "SELECT CAST(order_id AS TEXT) AS subject_id, 1 AS amount FROM order_event WHERE kind = 'order.canceled'",
     {"order_event": "id >= [floor] AND happened_at >= :since"}),
    *((f"fulfillment.{status}", "fulfillment", "SELECT CAST(subject_id AS TEXT) AS subject_id, 1 AS amount "
       f"FROM status_change WHERE machine = 'fulfillment' AND to_status = '{status}'",
       {"status_change": "id >= [floor] AND changed_at >= :since"}) for status in ("handed_over", "canceled")),
)  # fmt: skip


def _audited(action: str, subject: str, acts: str, within: Mapping[str, str]) -> Rule:
    """An act and its audit entry bear one instant, so in a quick run both of them are new or neither is."""
    entries = ("SELECT subject_id, 1 AS amount FROM audit_entry "
               f"WHERE subject_type = '{subject}' AND action = '{action}'")  # fmt: skip
    return Rule(subject, f"{action} and its audit entries do not match", differs("subject_id", acts, entries),
                within={**within, "audit_entry": "id >= [floor] AND recorded_at >= :since"})  # fmt: skip


_GAPS = """SELECT warehouse_id, seq, COALESCE(before, 0) + 1 AS expected, seq AS found FROM (
SELECT warehouse_id, seq, LAG(seq) OVER (PARTITION BY warehouse_id ORDER BY seq) AS before
FROM {}) numbered WHERE seq <> COALESCE(before, 0) + 1"""
#: The newer moves of each warehouse, and the one before them.
_NEWER = """(WITH fresh AS MATERIALIZED (SELECT warehouse_id, seq FROM stock_move WHERE id >= [floor])
SELECT m.warehouse_id, m.seq FROM (SELECT warehouse_id, MIN(seq) AS first FROM fresh GROUP BY warehouse_id) n
JOIN stock_move m ON m.warehouse_id = n.warehouse_id AND m.seq >= n.first - 1) newer"""

_K3 = checks(
    "stock_move",
    Rule("stock_move of warehouse", "a number is missing before it", _GAPS.format("stock_move"),
         quick=f"{_GAPS.format(_NEWER)} AND (before IS NOT NULL OR NOT EXISTS (SELECT 1 FROM stock_move m "
               "WHERE m.warehouse_id = numbered.warehouse_id AND m.seq = numbered.seq - 1))"),
    Rule("warehouse", "its last number is not that of its latest move", """
        SELECT code, id, latest AS expected, last_seq AS found FROM (SELECT w.code, w.id, w.last_seq, COALESCE((
        SELECT MAX(m.seq) FROM stock_move m WHERE m.warehouse_id = w.id), 0) AS latest FROM warehouse w) counters
        WHERE last_seq <> latest""", within={}),
    *(_audited(*act) for act in _ACTS),
    within={"stock_move": "id >= [floor]"},
)  # fmt: skip


def _told_once(table: str, kind: str, key: str) -> Rule:
    """Rows that should have told the outside, and have no outbox row by their key."""
    return Rule(table, f"no {kind} was queued for it", f"""
        SELECT t.id, {key} AS expected, 'no outbox row' AS found FROM {table} t
        WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.key = {key})""",
        within=recent("payment_attempt", "refund", "label_purchase", "mail"))  # fmt: skip


def _in_hand(table: str, statuses: str, kind: str, job: str, within: Mapping[str, str]) -> Rule:
    """Rows that wait for the outside while every job that would ask it is done. A dead job is seen, so it counts."""
    return Rule(table, f"it waits, and no {kind} is left to do", f"""
        SELECT t.id, 'a job' AS expected, t.status AS found FROM {table} t WHERE t.status IN ({statuses})
        AND NOT EXISTS (SELECT 1 FROM outbox o WHERE {job} AND o.status <> 'done')""", within=within)  # fmt: skip


_REFUND_JOB = """o.kind = 'payment.refund' AND o.subject_id = t.order_id
AND STRPOS(o.key, CAST(t.id AS TEXT)) > 0"""

_K4 = checks(
    "outbox",
    _told_once("payment_attempt", "payment.open", "'payment.open:' || CAST(t.id AS TEXT)"),
    _told_once("refund", "payment.refund", "'refund:' || CAST(t.id AS TEXT) || '\\:1'"),
    _told_once("label_purchase", "label.buy", "'label.buy:' || CAST(t.id AS TEXT)"),
    _told_once("mail", "mail.send", "'mail:' || CAST(t.id AS TEXT)"),
    _in_hand("payment_attempt", "'recorded', 'sent', 'unknown'", "payment.open",
             "o.key = 'payment.open:' || CAST(t.id AS TEXT)", {"payment_attempt": "order_id IN [orders]"}),
    _in_hand("refund", "'requested', 'sent', 'unknown'", "payment.refund", _REFUND_JOB,
             {"refund": "order_id IN [orders]"}),
    _in_hand("label_purchase", "'pending', 'sent', 'unknown'", "label.buy",
             "o.key = 'label.buy:' || CAST(t.id AS TEXT)", {"label_purchase": "id IN [labels]"}),
    _in_hand("mail", "'queued'", "mail.send", "o.key = 'mail:' || CAST(t.id AS TEXT)", recent("mail")),
    Rule("outbox of key", "the key was queued twice", twice("key", "outbox"),
         quick=twice_among("key", "outbox", "id >= [floor]")),
    Rule("inbox of source and id", "it was taken in twice", twice("source, external_id", "inbox"),
         quick=twice_among("source, external_id", "inbox", "id >= [floor]")),
    within=recent("outbox"),
)

INVARIANTS = (
    Invariant("K1", "Every queued row is due, running under a lease, done, or dead with a reason.", _K1),
    Invariant("K2", "Every status history uses allowed steps only, and ends in the current status.", _K2),
    Invariant("K3", "The numbers of stock moves have no gap, and an act on orders and work has its audit entry.", _K3),
    Invariant("K4", "Everything that the outside must be told is queued, once, by its own key, until it is done.", _K4),
    Invariant("K5", "Every table, constraint, index, sequence and trigger of the release exists.", schema.check),
)
