"""T: several warehouses. What is on the way stands in transit, and every choice between warehouses was one."""

# ruff: noqa: S608 - every query here is put together from constants of this package

from storekeep.shop.reports.verify.model import Invariant
from storekeep.shop.reports.verify.scope import ORDERS, TRANSFERS
from storekeep.shop.reports.verify.sql import Rule, checks, differs

_OPEN = "(l.sent - l.received - l.damaged - l.lost - l.returned)"

#: Each move of a transfer as what it says of its line: units by what became of them.
_TOLD = """SELECT m.line_id AS id, CASE WHEN m.kind = 'transfer_in' AND t.kind = 'transit' THEN 'sent'
WHEN m.kind = 'transfer_out' AND f.kind = 'transit' THEN 'returned' WHEN m.kind = 'transfer' THEN 'received'
WHEN m.kind = 'quarantine' THEN 'damaged' WHEN m.kind = 'adjust' AND f.kind = 'transit' THEN 'lost'
WHEN m.kind = 'adjust' THEN 'extra' ELSE 'between' END AS what, m.qty AS amount
FROM stock_move m JOIN location f ON f.id = m.from_location_id JOIN location t ON t.id = m.to_location_id
WHERE m.document_type = 'warehouse_transfer'"""
_WHATS = ("sent", "received", "damaged", "lost", "returned", "extra")
_SAID = " UNION ALL ".join(f"SELECT id, '{what}' AS what, {what} AS amount FROM transfer_line" for what in _WHATS)

_CARRIED = {"transfer_line": "variant_id IN [carried]", "stock_balance": "variant_id IN [carried]"}

_T1 = checks(
    "transfer_line",
    Rule("stock_balance in transit", "what stands in transit is not what open transfers have on the way", differs(
        "variant_id, warehouse_id",
        f"SELECT l.variant_id, t.to_warehouse_id AS warehouse_id, {_OPEN} AS amount FROM transfer_line l "
        "JOIN transfer t ON t.id = l.transfer_id WHERE t.status IN ('loading', 'sent', 'part_received')",
        "SELECT b.variant_id, p.warehouse_id, b.qty AS amount FROM stock_balance b "
        "JOIN location p ON p.id = b.location_id WHERE p.kind = 'transit'",
    ), within=_CARRIED),
    Rule("transfer_line", "its units are not what its moves say", differs(
        "id, what", f"SELECT id, what, amount FROM ({_TOLD}) told WHERE what <> 'between'", _SAID,
    )),
    Rule("stock_balance elsewhere", "what went to another warehouse did not come from one", """
        SELECT b.variant_id, b.lot_id, 0 AS expected, SUM(b.qty) AS found FROM stock_balance b
        JOIN location p ON p.id = b.location_id WHERE p.kind = 'elsewhere'
        GROUP BY b.variant_id, b.lot_id HAVING SUM(b.qty) <> 0""", within=_CARRIED),
    Rule("transfer_line", "it came at another value than it left with", """
        SELECT line_id, SUM(gone) AS expected, SUM(came) AS found FROM (
        SELECT line_id, value_minor AS gone, 0 AS came FROM stock_move WHERE kind = 'transfer_out'
        UNION ALL SELECT line_id, 0, value_minor FROM stock_move WHERE kind = 'transfer_in') ways
        GROUP BY line_id HAVING SUM(gone) <> SUM(came)"""),
    within=TRANSFERS,
)  # fmt: skip

_T2 = checks(
    "transfer",
    Rule("transfer", "it has ended, and some of it is still on the way", f"""
        SELECT t.number, t.id, 0 AS expected, SUM({_OPEN}) AS found FROM transfer t
        JOIN transfer_line l ON l.transfer_id = t.id WHERE t.status IN ('received', 'closed_with_loss', 'canceled')
        GROUP BY t.number, t.id HAVING SUM({_OPEN}) <> 0"""),
    Rule("transfer", "its status is not what became of its goods", """
        SELECT t.number, t.id, CASE WHEN SUM(l.lost) > 0 THEN 'closed_with_loss' ELSE 'received' END AS expected,
        t.status AS found FROM transfer t JOIN transfer_line l ON l.transfer_id = t.id
        WHERE t.status IN ('received', 'closed_with_loss') GROUP BY t.number, t.id, t.status
        HAVING (SUM(l.lost) > 0) <> (t.status = 'closed_with_loss')"""),
    Rule("transfer", "goods of it have moved, and it has not left", """
        SELECT t.number, t.id, 0 AS expected, SUM(l.received + l.damaged + l.lost + l.extra) AS found FROM transfer t
        JOIN transfer_line l ON l.transfer_id = t.id WHERE t.status IN ('draft', 'loading', 'canceled')
        GROUP BY t.number, t.id HAVING SUM(l.received + l.damaged + l.lost + l.extra) <> 0"""),
    Rule("transfer_line", "its differences are not told, each with its reason", differs(
        "id, kind",
        "SELECT id, 'damaged' AS kind, damaged AS amount FROM transfer_line UNION ALL SELECT id, 'lost', lost "
        "FROM transfer_line UNION ALL SELECT id, 'returned', returned FROM transfer_line "
        "UNION ALL SELECT id, 'extra', extra FROM transfer_line",
        "SELECT transfer_line_id AS id, kind, qty AS amount FROM transfer_difference",
    )),
    within=TRANSFERS,
)  # fmt: skip

_T3 = checks(
    "sourcing_choice",
    Rule("sourcing_choice of round", "it takes another number of units than were wanted", """
        SELECT round_id, variant_id, wanted AS expected, SUM(taken) AS found FROM sourcing_choice
        GROUP BY round_id, variant_id, wanted HAVING SUM(taken) <> wanted"""),
    # What a cart had held may be more than is free besides: a buffer can be raised meanwhile.
    Rule("sourcing_choice", "it takes more than was free", """
        SELECT id, free AS expected, taken AS found FROM sourcing_choice WHERE taken > free AND NOT is_held"""),
    Rule("sourcing_choice of round", "several parcels were chosen where one was enough", """
        SELECT c.round_id, c.warehouse_id, 1 AS expected, 2 AS found FROM sourcing_choice c
        WHERE c.rule = 'parcels' AND NOT c.is_held GROUP BY c.round_id, c.warehouse_id
        HAVING SUM(CASE WHEN c.free < c.wanted THEN 1 ELSE 0 END) = 0 AND (SELECT COUNT(DISTINCT o.warehouse_id)
        FROM sourcing_choice o WHERE o.round_id = c.round_id AND o.taken > 0) > 1"""),
    Rule("order and variant", "fewer units were ever reserved in a warehouse than were chosen from it", """
        SELECT s.order_id, s.warehouse_id, s.variant_id, SUM(s.taken) AS expected, COALESCE((SELECT SUM(r.qty)
        FROM reservation r WHERE r.order_id = s.order_id AND r.warehouse_id = s.warehouse_id
        AND r.variant_id = s.variant_id), 0) AS found FROM sourcing_choice s
        GROUP BY s.order_id, s.warehouse_id, s.variant_id HAVING SUM(s.taken) > COALESCE((SELECT SUM(r.qty)
        FROM reservation r WHERE r.order_id = s.order_id AND r.warehouse_id = s.warehouse_id
        AND r.variant_id = s.variant_id), 0)"""),
    within={**ORDERS, "sourcing_choice": "order_id IN [orders]"},
)  # fmt: skip

INVARIANTS = (
    Invariant("T1", "What is on the way between warehouses stands in transit, unit for unit and at its value.", _T1),
    Invariant("T2", "A transfer ends only when every unit is accounted for, each difference with its reason.", _T2),
    Invariant("T3", "Goods come from warehouses that had them, by the rule that was kept with the choice.", _T3),
)
