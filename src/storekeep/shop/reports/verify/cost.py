"""V: value. Layers against pools, entries and moves; the cost of orders against layers; landed costs against all."""

# ruff: noqa: S608 - every query here is put together from constants of this package

from storekeep.shop.reports.verify import layers
from storekeep.shop.reports.verify.goods import CROSSING
from storekeep.shop.reports.verify.model import Invariant
from storekeep.shop.reports.verify.scope import ORDERS
from storekeep.shop.reports.verify.sql import Rule, checks, differs

_OPEN = {
    "cost_layer": "variant_id IN [variants] AND is_open",
    "cost_pool": "variant_id IN [variants]",
}


def _against_pools(column: str) -> str:
    return differs(
        "variant_id, warehouse_id",
        f"SELECT variant_id, warehouse_id, {column} AS amount FROM cost_layer WHERE is_open",
        f"SELECT variant_id, warehouse_id, {column} AS amount FROM cost_pool",
    )


_V1 = checks(
    "cost_pool",
    Rule("cost_pool", "its units are not those left in its layers", _against_pools("qty")),
    Rule("cost_pool", "its value is not that left in its layers", _against_pools("value_minor")),
    within=_OPEN,
)

_ADJUSTED = "UNION ALL SELECT layer_id, value_minor AS amount FROM cost_adjustment"
#: All entries of the touched variants, found by their moves: entries are many and have no index by layer.
_OF_VARIANTS = """SELECT e.layer_id, e.{0} AS amount FROM stock_move m JOIN cost_entry e ON e.move_id = m.id
WHERE m.variant_id IN [variants]"""
_ADJUSTED_OF = """UNION ALL SELECT a.layer_id, a.value_minor FROM cost_adjustment a JOIN cost_layer l
ON l.id = a.layer_id WHERE l.variant_id IN [variants]"""


def _against_entries(column: str, adjusted: str = "", adjusted_of: str = "") -> tuple[str, str]:
    """The rule for a whole run and for a quick one."""
    left = f"SELECT id AS layer_id, {column} AS amount FROM cost_layer"
    entered = f"SELECT layer_id, {column} AS amount FROM cost_entry"
    return (
        differs("layer_id", f"{entered} {adjusted}", left),
        differs("layer_id", f"{_OF_VARIANTS.format(column)} {adjusted_of}", f"{left} WHERE variant_id IN [variants]"),
    )


_UNITS, _QUICK_UNITS = _against_entries("qty")
_VALUE, _QUICK_VALUE = _against_entries("value_minor", _ADJUSTED, _ADJUSTED_OF)

_V2 = checks(
    "cost_layer",
    Rule("cost_layer", "the units left are not what came less what went", _UNITS, quick=_QUICK_UNITS),
    Rule("cost_layer", "the value left is not what came less what went", _VALUE, quick=_QUICK_VALUE),
    Rule("cost_layer", "the move that brought it is not its own", """
        SELECT l.id, l.seq AS expected, m.seq AS found FROM cost_layer l JOIN stock_move m ON m.id = l.id
        WHERE m.seq <> l.seq OR m.variant_id <> l.variant_id OR m.warehouse_id <> l.warehouse_id"""),
    within={"cost_layer": "variant_id IN [variants]"},
)  # fmt: skip

_V3 = checks(
    "cost_entry",
    Rule("stock_move", "its units are not those of its layers", differs(
        "id", f"SELECT id, units AS amount FROM ({CROSSING}) crossing",
        "SELECT move_id AS id, qty AS amount FROM cost_entry")),
    Rule("stock_move", "its value is not what its layers took or gave", differs(
        "id", f"SELECT id, value_in AS amount FROM ({CROSSING}) crossing",
        "SELECT move_id AS id, value_minor AS amount FROM cost_entry")),
    Rule("stock_move", "it used the layer of other goods", """
        SELECT e.move_id, e.layer_id, m.variant_id AS expected, l.variant_id AS found FROM cost_entry e
        JOIN stock_move m ON m.id = e.move_id JOIN cost_layer l ON l.id = e.layer_id
        WHERE l.variant_id <> m.variant_id OR l.warehouse_id <> m.warehouse_id"""),
    within={"stock_move": "id >= [floor]", "cost_entry": "move_id >= [floor]"},
)  # fmt: skip

_V4 = checks(
    "cost_entry",
    Rule("cost_entry", "the goods did not leave at their layer's average cost", layers.average_costs),
    Rule("cost_entry", "the goods left while older ones stayed", layers.oldest_first),
    within={"cost_entry": "move_id >= [floor]"},
)

_V5 = checks(
    "sales_order",
    Rule("order", "the cost of what was sent is not what its layers gave", differs(
        "order_id",
        "SELECT f.order_id, -e.value_minor AS amount FROM stock_move m JOIN cost_entry e ON e.move_id = m.id "
        "JOIN fulfillment_line l ON l.id = m.line_id JOIN fulfillment f ON f.id = l.fulfillment_id "
        "WHERE m.kind = 'ship'",
        "SELECT p.order_id, p.amount_minor AS amount FROM posting p JOIN ledger_entry e ON e.id = p.entry_id "
        "WHERE e.kind = 'goods.shipped' AND p.account = '5000'",
    )),
    within=ORDERS,
)  # fmt: skip

#: Where each part of a landed cost is posted.
_PARTS = {"1300": "stock_minor", "5000": "sold_minor", "5100": "lost_minor", "5110": "sent_back_minor",
          "2000": "-amount_minor"}  # fmt: skip
_POSTED = " UNION ALL ".join(
    f"SELECT landed_cost_id AS id, '{account}' AS account, {part} AS amount FROM landed_cost_line"
    for account, part in _PARTS.items()
)

_V6 = checks(
    "landed_cost",
    Rule("landed_cost", "its lines do not add up to it", differs(
        "id", "SELECT id, amount_minor AS amount FROM landed_cost",
        "SELECT landed_cost_id AS id, amount_minor AS amount FROM landed_cost_line")),
    # By largest remainder each share is less than one minor unit away from the exact one.
    Rule("landed_cost_line", "it has not the share that its weight gives it", """
        SELECT l.id, c.amount_minor * l.weight / w.whole AS expected, l.amount_minor AS found FROM landed_cost_line l
        JOIN landed_cost c ON c.id = l.landed_cost_id
        JOIN (SELECT landed_cost_id, SUM(weight) AS whole FROM landed_cost_line GROUP BY landed_cost_id) w
        ON w.landed_cost_id = c.id WHERE w.whole > 0
        AND ABS(c.amount_minor * l.weight - l.amount_minor * w.whole) >= w.whole"""),
    Rule("landed_cost", "what its layers took is not what it says went to stock", differs(
        "id", "SELECT landed_cost_id AS id, stock_minor AS amount FROM landed_cost_line",
        "SELECT document_id AS id, value_minor AS amount FROM cost_adjustment WHERE document_type = 'landed_cost'")),
    Rule("landed_cost and account", "what was booked is not what its lines say", differs(
        "id, account", _POSTED,
        "SELECT e.source_id AS id, p.account, p.amount_minor AS amount FROM posting p "
        "JOIN ledger_entry e ON e.id = p.entry_id WHERE e.source_type = 'landed_cost'")),
    within={
        "landed_cost": "id >= [floor]",
        "landed_cost_line": "landed_cost_id IN (SELECT id FROM landed_cost WHERE id >= [floor])",
        "cost_adjustment": "document_id IN (SELECT id FROM landed_cost WHERE id >= [floor])",
        "ledger_entry": "source_id IN (SELECT id FROM landed_cost WHERE id >= [floor])",
    },
)  # fmt: skip

INVARIANTS = (
    Invariant("V1", "Cost pools equal what is left in their layers, in units and value.", _V1),
    Invariant("V2", "What is left of each layer is what came less what went.", _V2),
    Invariant("V3", "Every move between us and the outside is worth what its layers took or gave.", _V3),
    Invariant("V4", "Goods leave at their layer's average cost, the oldest first.", _V4),
    Invariant("V5", "The cost of an order's goods is what the layers gave that it used up.", _V5),
    Invariant("V6", "Landed costs are shared out to the minor unit, and booked where their goods are.", _V6),
)
