"""Faults in kits: a fault for each rule of O4."""

from planting import Fault

_KIT = "SELECT id FROM order_kit ORDER BY id LIMIT 1"
_SET, _CUP = (f"SELECT id, sku FROM variant WHERE sku = '{sku}'" for sku in ("SET", "CUP"))

KITS = (
    Fault("O4", "a kit that cost a cent more", _KIT,
          ("UPDATE order_kit SET unit_price_minor = unit_price_minor + 1 WHERE id = '{a}'",), named=("{a}", "prices")),
    Fault("O4", "a line that left its kit",
          "SELECT id, kit_id FROM order_line WHERE kit_id IS NOT NULL AND sku = 'POT' ORDER BY id LIMIT 1",
          ("UPDATE order_line SET kit_id = NULL WHERE id = '{a}'",), named=("{b}",)),
    Fault("O4", "another number of kits", _KIT, ("UPDATE order_kit SET qty = 5 WHERE id = '{a}'",),
          named=("{a}", "do not divide")),
    Fault("O4", "a kit of another order",
          "SELECT l.id, o.id FROM order_line l, sales_order o WHERE l.kit_id IS NOT NULL AND o.id <> l.order_id "
          "ORDER BY l.id, o.id LIMIT 1", ("UPDATE order_kit SET order_id = '{b}'",), named=("{a}", "another order")),
    Fault("O4", "a kit without parts", _SET, ("DELETE FROM kit_part WHERE kit_id = '{a}'",), named=("{b}",)),
    Fault("O4", "a part that is a kit", _CUP, ("UPDATE variant SET is_kit = TRUE WHERE id = '{a}'",),
          named=("{b}", "a part of a kit")),
    Fault("O4", "a kit on a shelf", "SELECT v.id, b.variant_id, b.location_id, v.sku FROM variant v, stock_balance b "
          "WHERE v.sku = 'SET' AND b.is_owned AND b.qty > 0 ORDER BY b.variant_id, b.location_id LIMIT 1",
          ("UPDATE stock_balance SET variant_id = '{a}' WHERE variant_id = '{b}' AND location_id = '{c}'",),
          named=("{d}", "goods of its own")),
)  # fmt: skip
