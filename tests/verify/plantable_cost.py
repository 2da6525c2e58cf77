"""Faults in what goods cost: a fault for each rule of V1 to V6."""

from planting import Fault

_OPEN = "SELECT id FROM cost_layer WHERE is_open ORDER BY id DESC LIMIT 1"
_POOL = "SELECT variant_id, warehouse_id FROM cost_layer WHERE is_open ORDER BY id DESC LIMIT 1"
_SENT = ("SELECT e.move_id, e.layer_id FROM cost_entry e JOIN stock_move m ON m.id = e.move_id WHERE m.kind = 'ship' "
         "ORDER BY m.seq LIMIT 1")  # fmt: skip
_AT_ENTRY = "WHERE move_id = '{a}' AND layer_id = '{b}'"
_BILL = "SELECT id FROM landed_cost WHERE kind = 'freight' LIMIT 1"

COST = (
    Fault("V1", "a layer with a unit more than the pool", _POOL,
          ("UPDATE cost_layer SET qty = qty + 1 WHERE variant_id = '{a}' AND is_open",), ("cost_layer",)),
    Fault("V1", "a layer worth more than the pool", _POOL,
          ("UPDATE cost_layer SET value_minor = value_minor + 1 WHERE variant_id = '{a}' AND is_open",)),
    Fault("V2", "a layer with a unit more than came", _OPEN, ("UPDATE cost_layer SET qty = qty + 1 WHERE id = '{a}'",)),
    Fault("V2", "a layer worth more than came", _OPEN,
          ("UPDATE cost_layer SET value_minor = value_minor + 1 WHERE id = '{a}'",)),
    Fault("V2", "an adjustment that is gone", "SELECT layer_id, id FROM cost_adjustment ORDER BY id LIMIT 1",
          ("DELETE FROM cost_adjustment WHERE id = '{b}'",), named=("{a}",)),
    Fault("V2", "a layer of another move", _OPEN, ("UPDATE cost_layer SET seq = seq + 1 WHERE id = '{a}'",)),
    Fault("V3", "goods that left above cost", "SELECT id FROM stock_move WHERE kind = 'ship' ORDER BY seq LIMIT 1",
          ("UPDATE stock_move SET value_minor = value_minor + 1 WHERE id = '{a}'",)),
    Fault("V3", "an entry of more units", _SENT, (f"UPDATE cost_entry SET qty = qty - 1 {_AT_ENTRY}",),
          ("cost_entry",), named=("{a}", "units")),
    Fault("V3", "a departure without a layer", _SENT, (f"DELETE FROM cost_entry {_AT_ENTRY}",), named=("{a}",)),
    Fault("V3", "a layer of other goods",
          "SELECT e.move_id, e.layer_id, (SELECT l.id FROM cost_layer l WHERE l.variant_id <> m.variant_id "
          "ORDER BY l.id LIMIT 1) FROM cost_entry e JOIN stock_move m ON m.id = e.move_id WHERE m.kind = 'ship' "
          "ORDER BY m.seq LIMIT 1",
          (f"UPDATE cost_entry SET layer_id = '{{c}}' {_AT_ENTRY}",), named=("{a}", "{c}")),
    Fault("V4", "goods that left above their layer's cost", _SENT,
          (f"UPDATE cost_entry SET value_minor = value_minor - 40 {_AT_ENTRY}",)),
    Fault("V4", "new goods that left first",
          "SELECT e.move_id, e.layer_id, n.id FROM cost_entry e JOIN stock_move m ON m.id = e.move_id "
          "JOIN cost_layer n ON n.variant_id = m.variant_id AND n.id > e.layer_id "
          "WHERE m.kind = 'scrap' AND e.qty < 0 AND m.id > n.id ORDER BY m.seq DESC LIMIT 1",
          (f"UPDATE cost_entry SET layer_id = '{{c}}' {_AT_ENTRY}",
           "UPDATE cost_layer SET qty = qty - 2 WHERE id = '{c}'",
           "UPDATE cost_layer SET qty = qty + 2 WHERE id = '{b}'"), named=("{a} {c}", "older")),
    Fault("V5", "an order that cost less than its goods",
          "SELECT p.order_id, p.id FROM posting p JOIN ledger_entry e ON e.id = p.entry_id "
          "WHERE e.kind = 'goods.shipped' AND p.account = '5000' ORDER BY p.id LIMIT 1",
          ("UPDATE posting SET amount_minor = amount_minor - 1 WHERE id = '{b}'",), named=("{a}",)),
    Fault("V6", "a bill that its lines do not pay", _BILL,
          ("UPDATE landed_cost SET amount_minor = amount_minor + 1 WHERE id = '{a}'",)),
    Fault("V6", "shares that are not by value",
          "SELECT l.id FROM landed_cost_line l JOIN landed_cost c ON c.id = l.landed_cost_id WHERE c.kind = 'freight' "
          "AND l.amount_minor > 10 ORDER BY l.id LIMIT 1",
          ("UPDATE landed_cost_line SET weight = weight * 3 WHERE id = '{a}'",)),
    Fault("V6", "a layer that took too little", "SELECT document_id, id FROM cost_adjustment ORDER BY id LIMIT 1",
          ("UPDATE cost_adjustment SET value_minor = value_minor - 1 WHERE id = '{b}'",),
          named=("{a}", "went to stock")),
    Fault("V6", "a bill booked to another account",
          "SELECT e.source_id, p.id FROM posting p JOIN ledger_entry e ON e.id = p.entry_id "
          "WHERE e.source_type = 'landed_cost' AND p.account = '1300' LIMIT 1",
          ("UPDATE posting SET account = '5110' WHERE id = '{b}'",), named=("{a} 1300",)),
)  # fmt: skip
