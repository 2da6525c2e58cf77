"""Faults between warehouses: one for each rule of T1 to T3."""

from planting import Fault

_OPEN = ("SELECT l.id, l.variant_id, t.to_warehouse_id FROM transfer_line l JOIN transfer t ON t.id = l.transfer_id "
         "WHERE t.status = 'part_received' LIMIT 1")  # fmt: skip
_ENDED = ("SELECT t.id, l.id FROM transfer t JOIN transfer_line l ON l.transfer_id = t.id WHERE t.status = '{}' "
          "ORDER BY l.id LIMIT 1")  # fmt: skip
_CHOICE = "SELECT id, round_id, order_id FROM sourcing_choice WHERE rule = '{}' AND taken > 0 ORDER BY id LIMIT 1"
_BARE = ("transfer_line",)

BETWEEN = (
    Fault("T1", "a unit in transit of no transfer",
          "SELECT b.variant_id, b.location_id, p.warehouse_id FROM stock_balance b JOIN location p "
          "ON p.id = b.location_id WHERE p.kind = 'transit' AND b.qty > 0 LIMIT 1",
          ("UPDATE stock_balance SET qty = qty + 1 WHERE variant_id = '{a}' AND location_id = '{b}'",),
          named=("{a}", "{c}", "in transit")),
    Fault("T1", "a unit received that no move brought", _OPEN,
          ("UPDATE transfer_line SET received = received + 1 WHERE id = '{a}'",), _BARE, ("{a}", "received")),
    Fault("T1", "a unit that went to another warehouse and came from nowhere",
          "SELECT b.variant_id, b.location_id FROM stock_balance b JOIN location p ON p.id = b.location_id "
          "WHERE p.kind = 'elsewhere' LIMIT 1",
          ("UPDATE stock_balance SET qty = qty - 1 WHERE variant_id = '{a}' AND location_id = '{b}'",),
          named=("{a}", "elsewhere")),
    Fault("T1", "goods that lost value on the way",
          "SELECT id, line_id FROM stock_move WHERE kind = 'transfer_in' AND value_minor > 0 ORDER BY id LIMIT 1",
          ("UPDATE stock_move SET value_minor = value_minor - 1 WHERE id = '{a}'",), named=("{b}", "another value")),
    Fault("T2", "an end with a unit still on the way", _ENDED.format("received"),
          ("UPDATE transfer_line SET received = received - 1 WHERE id = '{b}'",), _BARE, ("{a}", "still on the way")),
    Fault("T2", "a loss that nobody sees", _ENDED.format("closed_with_loss"),
          ("UPDATE transfer SET status = 'received' WHERE id = '{a}'",), ("transfer",), ("{a}",)),
    Fault("T2", "goods that came before they had left", _OPEN.replace("l.id,", "t.id,"),
          ("UPDATE transfer SET status = 'loading' WHERE id = '{a}'",), ("transfer",), ("{a}", "has not left")),
    Fault("T2", "a difference that is not told", "SELECT transfer_line_id, kind FROM transfer_difference "
          "WHERE kind = 'damaged' LIMIT 1",
          ("DELETE FROM transfer_difference WHERE transfer_line_id = '{a}' AND kind = '{b}'",),
          ("transfer_difference",)),
    Fault("T3", "a choice of more units than were wanted", _CHOICE.format("parcels"),
          ("UPDATE sourcing_choice SET taken = taken + 1 WHERE id = '{a}'",), ("sourcing_choice",),
          ("{b}", "another number")),
    Fault("T3", "a choice of units that were not there", _CHOICE.format("parcels"),
          ("UPDATE sourcing_choice SET free = 0, is_held = FALSE WHERE id = '{a}'",), ("sourcing_choice",),
          ("{a}", "than was free")),
    Fault("T3", "two parcels where one was enough", _CHOICE.format("parcels"),
          ("UPDATE sourcing_choice SET taken = 1, is_held = FALSE WHERE round_id = '{b}'",), ("sourcing_choice",),
          ("{b}", "several parcels")),
    Fault("T3", "units chosen from a warehouse that never reserved them", _CHOICE.format("stock"),
          ("UPDATE reservation SET warehouse_id = (SELECT id FROM warehouse WHERE id <> reservation.warehouse_id "
           "LIMIT 1) WHERE order_id = '{c}'",), ("reservation",), ("{c}", "reserved in a warehouse")),
)  # fmt: skip
