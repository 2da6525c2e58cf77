"""K: the machinery. Queues, status histories, gap-free numbers, one effect per key, and a whole schema."""

# ruff: noqa: S608 - every query here is put together from constants of this package

from storekeep.kernel.machine import Machine
from storekeep.shop.catalog.states import PRODUCT
from storekeep.shop.fulfillment.states import FULFILLMENT, PICK_BATCH
from storekeep.shop.payments.states import ATTEMPT, REFUND
from storekeep.shop.reports.verify import schema
from storekeep.shop.reports.verify.histories import chain, current, edges
from storekeep.shop.reports.verify.model import Invariant
from storekeep.shop.reports.verify.scope import recent
from storekeep.shop.reports.verify.sql import Rule, checks, twice, twice_among
from storekeep.shop.returns.states import RETURN
from storekeep.shop.shipping.states import LABEL_PURCHASE, SHIPMENT
from storekeep.shop.support.states import CONVERSATION

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
    (CONVERSATION, "conversation"),
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
    Rule("status_change", "it does not start where the one before ended", chain(_MACHINES)),
    Rule("status_change", "nobody knows this lifecycle", f"""
        SELECT id, machine AS expected, to_status AS found FROM status_change
        WHERE machine NOT IN ({', '.join(f"'{machine.name}'" for machine in _MACHINES)})"""),
    *(Rule(table, "its status is not the last of its history", current(machine, table),
           within={table: "id IN [subjects]"})
      for machine, table in LIFECYCLES),
    within={"status_change": "subject_id IN [subjects]"},
)  # fmt: skip

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
    within={"stock_move": "id >= [floor]"},
)  # fmt: skip


def _told_once(table: str, kind: str, key: str) -> Rule:
    """Rows that should have told the outside, and have no outbox row by their key."""
    return Rule(table, f"no {kind} was queued for it", f"""
        SELECT t.id, {key} AS expected, 'no outbox row' AS found FROM {table} t
        WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.key = {key})""",
        within=recent("payment_attempt", "refund", "label_purchase", "mail"))  # fmt: skip


_K4 = checks(
    "outbox",
    _told_once("payment_attempt", "payment.open", "'payment.open:' || CAST(t.id AS TEXT)"),
    _told_once("refund", "payment.refund", "'refund:' || CAST(t.id AS TEXT) || '\\:1'"),
    _told_once("label_purchase", "label.buy", "'label.buy:' || CAST(t.id AS TEXT)"),
    _told_once("mail", "mail.send", "'mail:' || CAST(t.id AS TEXT)"),
    Rule("outbox of key", "the key was queued twice", twice("key", "outbox"),
         quick=twice_among("key", "outbox", "id >= [floor]")),
    Rule("inbox of source and id", "it was taken in twice", twice("source, external_id", "inbox"),
         quick=twice_among("source, external_id", "inbox", "id >= [floor]")),
    within=recent("outbox"),
)

INVARIANTS = (
    Invariant("K1", "Every queued row is due, running under a lease, done, or dead with a reason.", _K1),
    Invariant("K2", "Every status history uses allowed steps only, and ends in the current status.", _K2),
    Invariant("K3", "The numbers of stock moves have no gap and no repeat in any warehouse.", _K3),
    Invariant("K4", "Everything that the outside must be told is queued, once, by its own key.", _K4),
    Invariant("K5", "Every table, constraint, index, sequence and trigger of the release exists.", schema.check),
)
