"""What a quick run looks at: the subjects that were touched at or after a moment, and the slices of tables about them.

Touched is what left a newer row behind: ids sort by the time they were made (UUIDv7), so the newer rows of every
table that only grows are one range of its key. Each subject is then looked at whole, however old its other rows are.
"""



import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import CursorResult, TextClause
from sqlalchemy import text as sql_text

from storekeep.kernel.clock import DAY, MINUTE, Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.ids import smallest_id

#: Ids and instants of one transaction differ a little, and so do the clocks of two machines.
SLACK: Instant = MINUTE

_LIST = re.compile(r"IN \[(\w+)\]")


@dataclass(slots=True)
class Scope:
    """What a run looks at: everything (`since` is None), or the subjects of a quick run as lists of ids by name.

    `levels` and `layers` are what checks of one run keep for each other.
    """

    since: Instant | None = None
    lists: dict[str, list[str]] = field(default_factory=dict)
    levels: Any = None
    layers: Any = None

    @property
    def is_whole(self) -> bool:
        return self.since is None

    def params(self, statement: str, dialect: str) -> dict[str, Any]:
        """The values that a statement written by `said` asks for."""
        since = self.since or 0
        moments = {"floor": smallest_id(since - SLACK), "since": since, "day_before": smallest_id(since - DAY)}
        found: dict[str, Any] = {}
        for name in _names_in(statement):
            if name in self.lists:
                found[name] = json.dumps(self.lists[name]) if dialect == "sqlite" else self.lists[name]
            elif name in moments:
                found[name] = moments[name]
        return found


@lru_cache(maxsize=1024)
def said(statement: str, dialect: str) -> str:
    """A condition or query in the words of a database: `IN [orders]` is one of the scope's lists, `[floor]` an id."""
    if dialect == "sqlite":
        statement = _LIST.sub(r"IN (SELECT value FROM json_each(:\1))", statement)
        return re.sub(r"\[(\w+)\]", r":\1", statement)
    statement = _LIST.sub(r"= ANY(CAST(:\1 AS uuid[]))", statement)
    return re.sub(r"\[(\w+)\]", r"CAST(:\1 AS uuid)", statement)


@lru_cache(maxsize=1024)
def _names_in(statement: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"(?<![:\\]):(\w+)", statement)))


@lru_cache(maxsize=1024)
def _clause(statement: str) -> TextClause:
    return sql_text(statement)


@lru_cache(maxsize=1024)
def _plain(statement: str) -> str:
    return statement.replace("\\:", ":")


def execute(tx: Tx, statement: str, params: dict[str, Any], **options: Any) -> CursorResult[Any]:
    """Run a statement with `:name` parameters. There are hundreds in a run, and the driver of SQLite reads that form
    itself, which takes half the time."""
    if tx.dialect == "sqlite":
        return tx.conn.exec_driver_sql(_plain(statement), params or None, execution_options=options)
    return tx.conn.execute(_clause(statement), params, execution_options=options)


def ask(tx: Tx, scope: Scope, statement: str) -> list[Any]:
    """The rows of a query written with `[floor]` and `IN [orders]`."""
    text = said(statement, tx.dialect)
    return list(execute(tx, text, scope.params(text, tx.dialect)).all())


#: The slice of each table that is about the touched orders.
ORDERS: Mapping[str, str] = {
    "sales_order": "id IN [orders]",
    "order_line": "order_id IN [orders]",
    "order_kit": "order_id IN [orders]",
    "order_part": "order_id IN [orders]",
    "order_adjustment": "order_id IN [orders]",
    "order_adjustment_line": "adjustment_id IN [adjustments]",
    "payment": "order_id IN [orders]",
    "payment_event": "payment_id IN [payments]",
    "payment_attempt": "order_id IN [orders]",
    "refund": "order_id IN [orders]",
    "posting": "order_id IN [orders]",
    "fulfillment": "order_id IN [orders]",
    "fulfillment_line": "fulfillment_id IN [works]",
    "shipment": "order_id IN [orders]",
    "stock_move": "document_id IN [documents]",
    "reservation": "order_id IN [orders]",
    "order_wait": "order_id IN [orders]",
    "goods_return": "order_id IN [orders]",
    "goods_return_line": "return_id IN [returns]",
    "remedy": "order_id IN [orders]",
}
#: The slice of each table that is about the touched parcels and their labels.
PARCELS: Mapping[str, str] = {
    "shipment": "id IN [parcels]",
    "label_purchase": "shipment_id IN [parcels]",
    "tracking_event": "shipment_id IN [parcels]",
    "fulfillment": "order_id IN [orders]",
}
#: The slice of each table that is about the touched variants; of reservations the open ones, which are few.
VARIANTS: Mapping[str, str] = {
    "stock_balance": "variant_id IN [variants]",
    "availability": "variant_id IN [variants]",
    "cost_pool": "variant_id IN [variants]",
    "lot": "variant_id IN [variants]",
    "reservation": "variant_id IN [variants] AND status IN ('cart', 'firm', 'assigned')",
    "stock_move": "id >= [floor]",
}
#: The slice of each table that is about the touched purchase orders and deliveries.
PURCHASES: Mapping[str, str] = {
    "purchase_order": "id IN [purchases]",
    "purchase_order_line": "purchase_order_id IN [purchases]",
    "purchase_order_version": "purchase_order_id IN [purchases]",
    "receipt": "id IN [deliveries]",
    "receipt_line": "receipt_id IN [deliveries]",
    "supplier_invoice": "id IN [bills]",
    "supplier_invoice_line": "supplier_invoice_id IN [bills]",
    "invoice_match": "receipt_line_id IN [arrivals]",
    "supplier_return": "receipt_line_id IN [arrivals]",
    "stock_move": "document_id IN [deliveries] OR document_id IN [sent_back]",
}

#: The slice of each table that is about the touched transfers between warehouses.
TRANSFERS: Mapping[str, str] = {
    "transfer": "id IN [transfers]",
    "transfer_line": "transfer_id IN [transfers]",
    "transfer_difference": "transfer_line_id IN [transfer_lines]",
    "stock_move": "document_id IN [transfers]",
}

#: The slice of each table that is about the touched counts; a move is theirs by its document.
COUNTS: Mapping[str, str] = {
    "count_task": "id IN [tasks]",
    "count_line": "task_id IN [tasks]",
    "stock_move": "variant_id IN [counted]",
}


def recent(*tables: str) -> Mapping[str, str]:
    """The new rows of tables whose rows are looked at one by one."""
    return dict.fromkeys(tables, "id >= [floor]")


_ORDERS = """SELECT id FROM sales_order WHERE id >= [floor]
UNION SELECT order_id FROM order_event WHERE id >= [floor]
UNION SELECT order_id FROM order_adjustment WHERE id >= [floor]
UNION SELECT order_id FROM posting WHERE id >= [floor] AND order_id IS NOT NULL
UNION SELECT order_id FROM payment WHERE id >= [floor]
UNION SELECT order_id FROM payment_attempt WHERE id >= [floor]
UNION SELECT p.order_id FROM payment_event e JOIN payment p ON p.id = e.payment_id WHERE e.id >= [floor]
UNION SELECT order_id FROM refund WHERE id >= [floor]
UNION SELECT order_id FROM fulfillment WHERE id >= [floor]
UNION SELECT order_id FROM shipment WHERE id >= [floor]
UNION SELECT order_id FROM goods_return WHERE id >= [floor]
UNION SELECT order_id FROM remedy WHERE id >= [floor]
UNION SELECT order_id FROM reservation WHERE id >= [floor] AND order_id IS NOT NULL
UNION SELECT f.order_id FROM scan_log s JOIN fulfillment f ON f.id = s.fulfillment_id WHERE s.id >= [floor]
UNION SELECT l.order_id FROM stock_move m JOIN order_line l ON l.id = m.line_id WHERE m.id >= [floor]
UNION SELECT f.order_id FROM stock_move m JOIN fulfillment_line l ON l.id = m.line_id
JOIN fulfillment f ON f.id = l.fulfillment_id WHERE m.id >= [floor]
UNION SELECT order_id FROM fulfillment WHERE id IN [changed]
UNION SELECT order_id FROM shipment WHERE id IN [changed]
UNION SELECT order_id FROM payment_attempt WHERE id IN [changed]
UNION SELECT order_id FROM refund WHERE id IN [changed]
UNION SELECT order_id FROM goods_return WHERE id IN [changed]
UNION SELECT s.order_id FROM label_purchase p JOIN shipment s ON s.id = p.shipment_id WHERE p.id IN [changed]
UNION SELECT s.order_id FROM label_purchase p JOIN shipment s ON s.id = p.shipment_id WHERE p.id >= [floor]"""

#: What belongs to the touched orders.
_OF_ORDERS = """SELECT 'payments' AS list, id FROM payment WHERE order_id IN [orders]
UNION ALL SELECT 'attempts', id FROM payment_attempt WHERE order_id IN [orders]
UNION ALL SELECT 'adjustments', id FROM order_adjustment WHERE order_id IN [orders]
UNION ALL SELECT 'refunds', id FROM refund WHERE order_id IN [orders]
UNION ALL SELECT 'works', id FROM fulfillment WHERE order_id IN [orders]
UNION ALL SELECT 'returns', id FROM goods_return WHERE order_id IN [orders]
UNION ALL SELECT 'parcels', id FROM shipment WHERE order_id IN [orders]"""

#: Parcels hear from their carriers without another row of ours: those on their way, and those heard of lately.
_HEARD = """SELECT id FROM shipment WHERE status IN ('labelled', 'handed_over') UNION SELECT id FROM shipment
WHERE status IN ('delivered', 'returned', 'lost', 'canceled') AND last_scan_at >= :since"""

#: A cart's hold is given back without another row of ours, and lives for a day at the most.
_VARIANTS = """SELECT variant_id FROM stock_move WHERE id >= [floor]
UNION SELECT variant_id FROM reservation WHERE id >= [day_before] AND updated_at >= :since
UNION SELECT variant_id FROM reservation WHERE order_id IN [orders] AND updated_at >= :since
UNION SELECT id FROM variant WHERE id >= [floor]
UNION SELECT variant_id FROM lot WHERE id IN [changed]
UNION SELECT l.variant_id FROM cost_adjustment a JOIN cost_layer l ON l.id = a.layer_id WHERE a.id >= [floor]"""

_CONVERSATIONS = """SELECT id FROM conversation WHERE id >= [floor] OR id IN [changed]
UNION SELECT conversation_id FROM message WHERE id >= [floor]
UNION SELECT conversation_id FROM note WHERE id >= [floor] AND conversation_id IS NOT NULL
UNION SELECT conversation_id FROM mail WHERE id >= [floor] AND conversation_id IS NOT NULL
UNION SELECT conversation_id FROM remedy WHERE id >= [floor] AND conversation_id IS NOT NULL"""


_TASKS = """SELECT id FROM count_task WHERE id >= [floor] OR id IN [changed]
UNION SELECT task_id FROM count_line WHERE id >= [floor] OR id IN [changed]
UNION SELECT task_id FROM count_line WHERE move_id IN (SELECT id FROM stock_move WHERE id >= [floor])"""

#: The variants of touched counts: those of the lines, and those of newer moves that say they are counts'.
_COUNTED = """SELECT variant_id FROM count_line WHERE task_id IN [tasks] AND at_seq IS NOT NULL
UNION SELECT variant_id FROM stock_move WHERE id >= [floor] AND document_type = 'count_line'"""

_PRODUCTS = """SELECT id FROM product WHERE id >= [floor] UNION SELECT id FROM product WHERE id IN [changed]
UNION SELECT p.id FROM product p WHERE CAST(p.id AS TEXT) IN (
SELECT subject_id FROM audit_entry WHERE id >= [floor] AND subject_type = 'product')"""

_PURCHASES = """SELECT id FROM purchase_order WHERE id >= [floor] OR id IN [changed]
UNION SELECT purchase_order_id FROM purchase_order_version WHERE id >= [floor]
UNION SELECT purchase_order_id FROM supplier_invoice WHERE id >= [floor] OR id IN [changed]
UNION SELECT purchase_order_id FROM receipt WHERE purchase_order_id IS NOT NULL AND (id >= [floor] OR id IN [changed])
UNION SELECT r.purchase_order_id FROM supplier_return s JOIN receipt_line l ON l.id = s.receipt_line_id
JOIN receipt r ON r.id = l.receipt_id WHERE s.id >= [floor] AND r.purchase_order_id IS NOT NULL"""

_DELIVERIES = """SELECT id FROM receipt WHERE id >= [floor] OR id IN [changed] OR purchase_order_id IN [purchases]
UNION SELECT l.receipt_id FROM supplier_return s JOIN receipt_line l ON l.id = s.receipt_line_id
WHERE s.id >= [floor]"""

_TRANSFERS = """SELECT id FROM transfer WHERE id >= [floor] OR id IN [changed]
UNION SELECT document_id FROM stock_move WHERE id >= [floor] AND document_type = 'warehouse_transfer'"""


def touched(tx: Tx, since: Instant) -> Scope:
    """Find the subjects of a quick run, a query or so for each kind of them."""
    scope = Scope(since)
    lists = scope.lists

    def find(name: str, statement: str) -> None:
        lists[name] = _ids(row[0] for row in ask(tx, scope, statement))

    find("changed", "SELECT subject_id FROM status_change WHERE id >= [floor]")
    find("orders", _ORDERS)
    for name in ("payments", "attempts", "adjustments", "refunds", "works", "returns", "parcels"):
        lists[name] = []
    for row in ask(tx, scope, _OF_ORDERS):
        lists[row.list].append(str(row.id))
    find("returned", "SELECT variant_id FROM goods_return_line WHERE return_id IN [returns]")
    find("codes", "SELECT discount_code_id FROM discount_use WHERE order_id IN [orders]")
    find("lines", "SELECT id FROM fulfillment_line WHERE fulfillment_id IN [works]")
    lists["documents"] = [*lists["lines"], *lists["parcels"], *lists["returns"]]
    lists["parcels"] = _ids([*lists["parcels"], *(row[0] for row in ask(tx, scope, _HEARD))])
    find("labels", "SELECT id FROM label_purchase WHERE shipment_id IN [parcels]")
    find("variants", _VARIANTS)
    find("conversations", _CONVERSATIONS)
    find("products", _PRODUCTS)
    find("tasks", _TASKS)
    find("counted", _COUNTED)
    find("purchases", _PURCHASES)
    find("deliveries", _DELIVERIES)
    find("arrivals", "SELECT id FROM receipt_line WHERE receipt_id IN [deliveries]")
    find("sent_back", "SELECT id FROM supplier_return WHERE receipt_line_id IN [arrivals]")
    find("transfers", _TRANSFERS)
    find("transfer_lines", "SELECT id FROM transfer_line WHERE transfer_id IN [transfers]")
    find("carried", "SELECT variant_id FROM transfer_line WHERE transfer_id IN [transfers]")
    lists["carried"] = _ids([*lists["variants"], *lists["carried"]])
    find("bills", "SELECT id FROM supplier_invoice WHERE purchase_order_id IN [purchases]")
    subjects = ("works", "parcels", "labels", "attempts", "refunds", "returns", "conversations", "products",
                "purchases", "deliveries", "bills", "changed")  # fmt: skip
    lists["subjects"] = _ids(one for name in subjects for one in lists[name])
    return scope


def _ids(found: Iterable[Any]) -> list[str]:
    return sorted({str(one) for one in found})
