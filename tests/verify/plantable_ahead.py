"""Faults in what is sold before it is here: a fault for each rule of B1 and B2, and for the older rules they touch."""

from planting import Fault

_WAITS = "SELECT id, order_id, variant_id FROM reservation WHERE status = 'waiting' ORDER BY id LIMIT 1"
_POLICY = "SELECT variant_id FROM sell_ahead WHERE kind = 'backorder' AND waiting > 0"
_OPEN = "SELECT order_id FROM order_wait WHERE ended_at IS NULL ORDER BY order_id LIMIT 1"
_DONE = "SELECT order_id FROM order_wait WHERE outcome = '{}' ORDER BY order_id LIMIT 1"

AHEAD = (
    Fault("B1", "a unit more that waits", _POLICY,
          ("UPDATE sell_ahead SET waiting = waiting + 1 WHERE variant_id = '{a}'",)),
    Fault("B1", "a limit below what waits", _POLICY,
          ("UPDATE sell_ahead SET limit_units = waiting - 1 WHERE variant_id = '{a}'",), ("sell_ahead",),
          ("{a}", "more waits")),
    Fault("B1", "goods that nobody gave to who waits", _WAITS,
          ("UPDATE availability SET on_hand_sellable = on_hand_sellable + 1 WHERE variant_id = '{c}'",),
          named=("reservation", "goods that it may have are free")),
    Fault("B1", "a cart's place kept without its cart",
          "SELECT id FROM reservation WHERE status = 'ahead' ORDER BY id LIMIT 1",
          ("UPDATE reservation SET cart_id = NULL WHERE id = '{a}'",)),
    Fault("B1", "a unit that waits without a promise", _WAITS,
          ("UPDATE reservation SET promised_on = NULL WHERE id = '{a}'",), named=("{a}", "without a promise")),
    Fault("B2", "an order that forgot that it waits", _WAITS,
          ("UPDATE order_wait SET ended_at = 1, outcome = 'dropped' WHERE order_id = '{b}'",),
          named=("{b}", "it does not wait")),
    Fault("B2", "a canceled order that still waits", _DONE.format("dropped"),
          ("UPDATE order_wait SET ended_at = NULL, outcome = NULL WHERE order_id = '{a}'",),
          named=("{a}", "its order has ended")),
    Fault("B2", "work on an order that waits", _DONE.format("started"),
          ("UPDATE order_wait SET ended_at = NULL, outcome = NULL WHERE order_id = '{a}'",),
          named=("{a}", "works on it")),
    Fault("B2", "an order that nobody begins", _OPEN,
          ("UPDATE reservation SET status = 'firm' WHERE order_id = '{a}' AND status = 'waiting'",
           "UPDATE sell_ahead SET kind = 'stopped'"), named=("{a}", "nobody begins it")),
    Fault("B3", "a told wish without its mail", "SELECT id FROM stock_signup WHERE status = 'told'",
          ("UPDATE mail SET key = 'lost' WHERE key = 'back_in_stock:{a}'",), named=("stock_signup", "{a}")),
    Fault("B3", "a mail to somebody who wanted no more", "SELECT id FROM stock_signup WHERE status = 'told'",
          ("UPDATE stock_signup SET status = 'ended', ended_at = 1 WHERE id = '{a}'",),
          named=("{a}", "wanted no more")),
    Fault("B3", "a mail that nobody asked for", "SELECT id FROM mail WHERE template = 'back_in_stock'",
          ("UPDATE mail SET key = 'back_in_stock:nobody' WHERE id = '{a}'",), named=("mail {a}", "nobody asked")),
    Fault("G5", "a place in the limit that a dead cart keeps",
          "SELECT id FROM reservation WHERE status = 'ahead' ORDER BY id LIMIT 1",
          ("UPDATE reservation SET expires_at = 1 WHERE id = '{a}'",), named=("{a}", "still counts")),
    Fault("X2", "a unit to come that nobody promised", _WAITS,
          ("UPDATE reservation SET status = 'released', release_reason = 'lost' WHERE id = '{a}'",),
          named=("order_line", "reserved, unit for unit")),
)  # fmt: skip
