"""Faults in buying: a fault for each rule of P1 to P5."""

from planting import Fault, copy

NEW_ID = "'0192f000-0000-7000-8000-00000000f001'"

_MOVE = (
    "id, warehouse_id, seq, variant_id, qty, from_location_id, to_location_id, kind, reason, value_minor, "
    "document_type, document_id, line_id, command_id, line_no, reverses_move_id, actor, posted_at, lot_id"
)
_CAME = "SELECT id FROM purchase_order_line WHERE received > 0 ORDER BY id LIMIT 1"
_AT_DOOR = "SELECT l.id FROM receipt_line l JOIN receipt r ON r.id = l.receipt_id WHERE r.status = 'posted' "
_ORDER = "SELECT id FROM purchase_order WHERE status = '{}' ORDER BY id LIMIT 1"

BUYING = (
    *(Fault("P1", f"an order line with a unit more {name}", _CAME,
            (f"UPDATE purchase_order_line SET {name} = {name} + 1 WHERE id = '{{a}}'",), ("purchase_order_line",))
      for name in ("received", "rejected", "billed", "returned")),
    *(Fault("P1", f"a receipt line with more {name}", f"{_AT_DOOR} AND l.disposition = 'accept' ORDER BY l.id LIMIT 1",
            (f"UPDATE receipt_line SET {name} = {name} + 1 WHERE id = '{{a}}'",), ("receipt_line",))
      for name in ("billed", "billed_minor", "returned", "uncharged_minor")),
    Fault("P2", "more than ordered without a reason",
          "SELECT purchase_order_line_id FROM receipt_line WHERE finding = 'over' ORDER BY id LIMIT 1",
          ("UPDATE receipt_line SET decision_reason = NULL WHERE purchase_order_line_id = '{a}'",)),
    Fault("P2", "a line that nobody decided on", f"{_AT_DOOR} ORDER BY l.id LIMIT 1",
          ("UPDATE receipt_line SET disposition = NULL WHERE id = '{a}'",)),
    Fault("P3", "an entry on 2050 that is gone",
          "SELECT e.source_id, p.id FROM ledger_entry e JOIN posting p ON p.entry_id = e.id "
          "WHERE e.kind = 'invoice.matched' AND p.account = '2050' LIMIT 1",
          ("DELETE FROM posting WHERE id = '{b}'",), named=("{a}",)),
    Fault("P3", "goods that came and stand on another account",
          "SELECT e.source_id, p.id FROM ledger_entry e JOIN posting p ON p.entry_id = e.id JOIN receipt r "
          "ON r.id = e.source_id WHERE p.account = '2050' LIMIT 1",
          ("UPDATE posting SET account = '2000' WHERE id = '{b}'",), named=("{a}",)),
    Fault("P3", "a rest on 2050", f"{_AT_DOOR} AND l.billed + l.uncharged = l.counted ORDER BY l.id LIMIT 1",
          ("UPDATE receipt_line SET value_minor = value_minor + 1 WHERE id = '{a}'",)),
    Fault("P3", "another difference",
          "SELECT id FROM supplier_invoice WHERE status = 'matched' LIMIT 1",
          ("UPDATE supplier_invoice SET difference_minor = difference_minor + 1 WHERE id = '{a}'",)),
    Fault("P4", "a receipt that was booked in twice",
          "SELECT m.document_id, m.id FROM stock_move m JOIN receipt r ON r.id = m.document_id ORDER BY m.seq LIMIT 1",
          (copy("stock_move", "{b}", _MOVE, {"id": NEW_ID, "seq": "seq + 100000", "command_id": "'again'"}),),
          named=("{a}",)),
    Fault("P4", "a receipt line of another value", f"{_AT_DOOR} AND l.disposition = 'accept' ORDER BY l.id LIMIT 1",
          ("UPDATE receipt_line SET value_minor = value_minor + 5 WHERE id = '{a}'",),
          named=("the value in the goods ledger",)),
    Fault("P4", "a receipt line of another lot",
          "SELECT id FROM receipt_line WHERE lot_code IS NOT NULL ORDER BY id LIMIT 1",
          ("UPDATE receipt_line SET lot_code = 'L9' WHERE id = '{a}'",), named=("the lots in the goods ledger",)),
    Fault("P4", "a return that took more", "SELECT id FROM supplier_return LIMIT 1",
          ("UPDATE supplier_return SET qty = qty + 1 WHERE id = '{a}'",)),
    Fault("P5", "a version that is gone", _ORDER.format("sent"),
          ("DELETE FROM purchase_order_version WHERE purchase_order_id = '{a}'",)),
    Fault("P5", "a version too many", _ORDER.format("sent"),
          ("UPDATE purchase_order_version SET version = 7 WHERE purchase_order_id = '{a}'",)),
    Fault("P5", "an order that is closed with units open", _ORDER.format("sent"),
          ("UPDATE purchase_order SET status = 'closed' WHERE id = '{a}'",)),
)  # fmt: skip
