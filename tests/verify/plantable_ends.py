"""Faults in what must come to its end: acts without their record, errands that nobody does, money that stays."""

from planting import Fault

_MOVED_BACK = "SELECT variant_id, id FROM stock_move WHERE kind = '{}' AND reason = '{}' ORDER BY seq LIMIT 1"
_ACT = "SELECT subject_id FROM audit_entry WHERE action = '{}' ORDER BY id LIMIT 1"
_BY_CODE = (
    "SELECT o.number, o.id, u.discount_code_id FROM discount_use u JOIN sales_order o ON o.id = u.order_id "
    "ORDER BY o.number LIMIT 1"
)
_SETTLED = "SELECT number, id FROM sales_order WHERE status = 'completed' AND owed_minor > 0 ORDER BY number LIMIT 1"
_WAY = "SELECT number, id FROM shipment WHERE status = 'handed_over' ORDER BY number LIMIT 1"
#: A row of each kind that waits for the outside, and the status in which it would do so.
_WAITING = (
    ("payment_attempt", "sent"), ("refund", "requested"), ("label_purchase", "unknown"), ("mail", "queued"),
)  # fmt: skip

ENDS = (
    Fault("O1", "a discount of another percentage", _BY_CODE,
          ("UPDATE discount_code SET percent_bp = percent_bp + 500 WHERE id = '{c}'",), named=("{a}", "{b}")),
    Fault("M16", "money beyond what is owed", _SETTLED,
          ("UPDATE sales_order SET owed_minor = owed_minor - 1 WHERE id = '{b}'",)),
    Fault("C9", "a unit put back that never moved", _MOVED_BACK.format("putaway", "good again"),
          ("UPDATE stock_move SET reason = 'carried' WHERE id = '{b}'",), named=("{a}",)),
    Fault("C9", "a unit thrown away that never moved", _MOVED_BACK.format("scrap", "returned, not fit for sale"),
          ("UPDATE stock_move SET reason = 'torn' WHERE id = '{b}'",), named=("{a}",)),
    *(Fault("K3", f"{action} without a record", _ACT.format(action),
            (f"DELETE FROM audit_entry WHERE action = '{action}' AND subject_id = '{{a}}'",))
      for action in ("order.placed", "order.canceled", "fulfillment.handed_over", "fulfillment.canceled")),
    *(Fault("K4", f"a {table} that waits for nobody", f"SELECT id FROM {table} ORDER BY id LIMIT 1",
            (f"UPDATE {table} SET status = '{status}' WHERE id = '{{a}}'",)) for table, status in _WAITING),
    Fault("S19", "a parcel that nobody misses", _WAY,
          ("UPDATE shipment SET last_scan_at = NULL, handed_over_at = handed_over_at - 2592000000000 "
           "WHERE id = '{b}'",)),
)  # fmt: skip
