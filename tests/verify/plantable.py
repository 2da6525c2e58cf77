"""The faults that `verify` must find: for every invariant at least one, for most of them one per rule."""

from plantable_ahead import AHEAD
from plantable_between import BETWEEN
from plantable_buying import BUYING
from plantable_cost import COST
from plantable_counts import COUNTS
from plantable_ends import ENDS
from plantable_floor import FLOOR
from plantable_kits import KITS
from planting import Fault, copy

NEW_ID = "'0192f000-0000-7000-8000-00000000f001'"

_MOVE = (
    "id, warehouse_id, seq, variant_id, qty, from_location_id, to_location_id, kind, reason, value_minor, "
    "document_type, document_id, line_id, command_id, line_no, reverses_move_id, actor, posted_at, lot_id"
)
_ENTRY = "id, kind, occurred_at, source_type, source_id, idempotency_key, reversal_of, note, actor"
_PART = (
    "id, order_id, order_line_id, kind, units, list_minor, discount_minor, discount_net_minor, net_minor, tax_minor, "
    "gross_minor, tax_class, rate_bp, tax_label"
)
_BALANCE = "SELECT variant_id, location_id FROM stock_balance WHERE is_owned AND qty > 0 ORDER BY 1, 2 LIMIT 1"
_AT_BALANCE = "WHERE variant_id = '{a}' AND location_id = '{b}'"
_STOCK = "SELECT variant_id, warehouse_id FROM availability ORDER BY 1, 2 LIMIT 1"
_AT_STOCK = "WHERE variant_id = '{a}' AND warehouse_id = '{b}'"
_PICKED = "SELECT r.fulfillment_line_id FROM reservation r WHERE r.status = '{}' ORDER BY 1 LIMIT 1"

GOODS = (
    Fault("G1", "a unit more in a bin", _BALANCE, (f"UPDATE stock_balance SET qty = qty + 1 {_AT_BALANCE}",)),
    Fault("G1", "a balance that no move made", "SELECT v.id, l.id FROM variant v, location l WHERE l.code = 'H-10-3'",
          ("INSERT INTO stock_balance (variant_id, location_id, lot_id, qty, assigned, last_seq, is_owned) "
           "VALUES ('{a}', '{b}', '00000000-0000-0000-0000-000000000000', 3, 0, 1, TRUE)",)),
    Fault("G1", "a unit that changed its lot",
          "SELECT b.variant_id, b.location_id, b.lot_id FROM stock_balance b JOIN lot t ON t.id = b.lot_id "
          "WHERE b.is_owned AND b.qty > 1 ORDER BY 3, 2 LIMIT 1",
          ("UPDATE stock_balance SET qty = qty - 1 WHERE location_id = '{b}' AND lot_id = '{c}'",),
          ("stock_balance",)),
    Fault("G1", "units assigned to nobody", _BALANCE,
          (f"UPDATE stock_balance SET assigned = assigned + 1 {_AT_BALANCE}",), ("stock_balance",)),
    Fault("G1", "a wrong last number", _BALANCE, (f"UPDATE stock_balance SET last_seq = last_seq + 1 {_AT_BALANCE}",)),
    Fault("G1", "a balance that is not ours", _BALANCE,
          (f"UPDATE stock_balance SET is_owned = NOT is_owned {_AT_BALANCE}",)),
    Fault("G2", "a unit out of nowhere", "SELECT variant_id FROM stock_balance ORDER BY 1 LIMIT 1",
          ("UPDATE stock_balance SET qty = qty + 1 WHERE variant_id = '{a}'",), ("stock_balance",)),
    Fault("G2", "a move of another warehouse", "SELECT id FROM stock_move ORDER BY seq LIMIT 1",
          (f"UPDATE stock_move SET warehouse_id = {NEW_ID} WHERE id = '{{a}}'",)),
    Fault("G2", "a supplier that is ours", "SELECT code FROM location WHERE kind = 'supplier'",
          ("UPDATE location SET is_owned = TRUE WHERE code = '{a}'",)),
    Fault("G3", "more picked than lay there",
          "SELECT variant_id, from_location_id, seq FROM stock_move WHERE kind = 'pick' ORDER BY seq LIMIT 1",
          ("UPDATE stock_move SET qty = qty + 1000 WHERE variant_id = '{a}' AND seq = {c}",)),
    Fault("G4", "a unit more to sell", _STOCK,
          (f"UPDATE availability SET on_hand_sellable = on_hand_sellable + 1 {_AT_STOCK}",)),
    Fault("G4", "a unit reserved for nobody",
          _STOCK, (f"UPDATE availability SET reserved = reserved + 1 {_AT_STOCK}",)),
    Fault("G4", "units of a lot on hold that count",
          "SELECT a.variant_id, a.warehouse_id FROM availability a JOIN lot t ON t.variant_id = a.variant_id "
          "WHERE t.status = 'quarantined' LIMIT 1",
          ("UPDATE lot SET status = 'ok', status_reason = '' WHERE variant_id = '{a}' AND status = 'quarantined'",)),
    Fault("G4", "a buffer below zero",
          _STOCK, (f"UPDATE availability SET buffer = -1 {_AT_STOCK}",), ("availability",)),
    Fault("G5", "a hold that outlived its time", "SELECT id FROM reservation WHERE status = 'cart' ORDER BY id LIMIT 1",
          ("UPDATE reservation SET expires_at = 1 WHERE id = '{a}'",)),
    Fault("G5", "a release without a reason",
          "SELECT id FROM reservation WHERE status = 'released' ORDER BY id LIMIT 1",
          ("UPDATE reservation SET release_reason = NULL WHERE id = '{a}'",)),
    Fault("G5", "a hold that was swept early",
          "SELECT id FROM reservation WHERE status = 'released' ORDER BY id LIMIT 1",
          ("UPDATE reservation SET release_reason = 'hold ran out', expires_at = updated_at + 1000 WHERE id = '{a}'",)),
    Fault("G5", "goods kept for a dead order",
          "SELECT id, order_id FROM reservation WHERE status = 'firm' ORDER BY id LIMIT 1",
          ("UPDATE sales_order SET status = 'expired' WHERE id = '{b}'",), named=("{a}",)),
    Fault("G5", "more consumed than sent", _PICKED.format("consumed"),
          ("UPDATE reservation SET qty = qty + 1 WHERE fulfillment_line_id = '{a}'",)),
    Fault("G5", "more in the tray than picked", _PICKED.format("picked"),
          ("UPDATE reservation SET qty = qty + 1 WHERE fulfillment_line_id = '{a}'",)),
    Fault("G6", "a command that posted again later", "SELECT command_id, id FROM stock_move ORDER BY seq LIMIT 1",
          (copy("stock_move", "{b}", _MOVE,
                {"id": NEW_ID, "seq": "90001", "line_no": "7", "posted_at": "posted_at + 1"}),),
          named=("{a}",)),
    Fault("G6", "a parcel that left twice",
          "SELECT document_id, line_id, id FROM stock_move WHERE kind = 'ship' ORDER BY seq LIMIT 1",
          (copy("stock_move", "{c}", _MOVE, {"id": NEW_ID, "seq": "90001", "command_id": "'again'"}),),
          named=("{a}", "{b}")),
    Fault("G6", "a move reversed twice", "SELECT id FROM stock_move ORDER BY seq LIMIT 1",
          ("UPDATE stock_move SET reverses_move_id = '{a}' WHERE seq > 5",)),
    Fault("G8", "a move of another's lot", "SELECT id FROM stock_move WHERE lot_id IS NOT NULL ORDER BY seq LIMIT 1",
          ("UPDATE stock_move SET variant_id = (SELECT id FROM variant WHERE sku = 'MUG') WHERE id = '{a}'",)),
    Fault("G8", "a reservation of another's lot",
          "SELECT r.id FROM reservation r WHERE r.status = 'assigned' AND r.lot_id IS NULL ORDER BY r.id LIMIT 1",
          ("UPDATE reservation SET lot_id = (SELECT MIN(CAST(id AS TEXT)) FROM lot) WHERE id = '{a}'",), only="sqlite"),
    Fault("G8", "a balance of no lot", "SELECT variant_id, lot_id FROM stock_balance b WHERE qty > 0 AND is_owned "
          "AND lot_id IN (SELECT id FROM lot) ORDER BY 2 LIMIT 1", ("DELETE FROM lot WHERE id = '{b}'",)),
    Fault("G8", "a promise of a recalled lot",
          "SELECT id, lot_id FROM reservation WHERE status = 'assigned' AND lot_id IS NOT NULL ORDER BY id LIMIT 1",
          ("UPDATE lot SET status = 'recalled', status_reason = 'planted' WHERE id = '{b}'",), named=("{a}",)),
    Fault("G8", "a parcel with a recalled lot",
          "SELECT id, lot_id FROM stock_move WHERE kind = 'ship' AND lot_id IS NOT NULL ORDER BY id LIMIT 1",
          ("UPDATE lot SET status = 'recalled', status_reason = 'planted', status_since = 1 WHERE id = '{b}'",),
          named=("{a}",)),
    Fault("G8", "units on a shelf without their lot",
          "SELECT b.variant_id, b.location_id, b.lot_id FROM stock_balance b JOIN location l ON l.id = b.location_id "
          "JOIN lot t ON t.id = b.lot_id WHERE l.is_sellable AND b.qty > 0 ORDER BY 3 LIMIT 1",
          ("UPDATE stock_balance SET lot_id = '00000000-0000-0000-0000-000000000000' WHERE location_id = '{b}' "
           "AND lot_id = '{c}'",), named=("{a}", "{b}")),
    Fault("G8", "a hold without a reason", "SELECT id FROM lot WHERE status = 'quarantined' LIMIT 1",
          ("UPDATE lot SET status_reason = '' WHERE id = '{a}'",)),
    Fault("G8", "a lot that outlived its day", "SELECT id FROM lot WHERE status = 'ok' ORDER BY id LIMIT 1",
          ("UPDATE lot SET expires_on = '2020-01-01' WHERE id = '{a}'",)),
    Fault("G7", "a pool with a unit more", _STOCK, (f"UPDATE cost_pool SET qty = qty + 1 {_AT_STOCK}",)),
    Fault("G7", "a pool with a cent more",
          _STOCK, (f"UPDATE cost_pool SET value_minor = value_minor + 1 {_AT_STOCK}",)),
    Fault("G7", "a pick that cost something", "SELECT id FROM stock_move WHERE kind = 'pick' ORDER BY seq LIMIT 1",
          ("UPDATE stock_move SET value_minor = 5 WHERE id = '{a}'",)),
    Fault("G7", "goods that came back dearer",
          "SELECT line_id FROM stock_move WHERE kind = 'return_in' ORDER BY seq LIMIT 1",
          ("UPDATE stock_move SET value_minor = value_minor + 9000 WHERE line_id = '{a}'",)),
)  # fmt: skip

_ORDER = "SELECT number, id FROM sales_order WHERE status = 'completed' ORDER BY number LIMIT 1"
_LINE = "SELECT id FROM order_line WHERE fulfilled > 1 ORDER BY id LIMIT 1"

ORDERS = (
    *(Fault("O1", f"a wrong {column}", _ORDER, (f"UPDATE sales_order SET {column} = {column} + 1 WHERE id = '{{b}}'",))
      for column in ("goods_minor", "discount_minor", "shipping_minor", "tax_minor", "total_minor")),
    Fault("O1", "a part with a cent more tax", "SELECT id FROM order_part WHERE kind = 'goods' ORDER BY id LIMIT 1",
          ("UPDATE order_part SET tax_minor = tax_minor + 1, net_minor = net_minor - 1 WHERE id = '{a}'",)),
    Fault("O1", "a discount without its tax share",
          "SELECT id FROM order_part WHERE discount_minor > 0 ORDER BY id LIMIT 1",
          ("UPDATE order_part SET discount_net_minor = discount_minor WHERE id = '{a}'",)),
    Fault("O1", "a line with another price", "SELECT id FROM order_line ORDER BY id LIMIT 1",
          ("UPDATE order_line SET unit_price_minor = unit_price_minor + 1 WHERE id = '{a}'",)),
    Fault("O1", "a line charged twice",
          "SELECT order_line_id, id FROM order_part WHERE kind = 'goods' ORDER BY id LIMIT 1",
          (copy("order_part", "{b}", _PART, {"id": NEW_ID}),), named=("{a}",)),
    Fault("O1", "an adjustment of more than its lines", "SELECT id FROM order_adjustment ORDER BY id LIMIT 1",
          ("UPDATE order_adjustment SET gross_minor = gross_minor + 1 WHERE id = '{a}'",)),
    Fault("O1", "a refunded unit at the wrong share",
          "SELECT part_id FROM order_adjustment_line WHERE was_shipped AND part_id IS NOT NULL ORDER BY id LIMIT 1",
          ("UPDATE order_adjustment_line SET net_minor = net_minor + 1, tax_minor = tax_minor - 1 "
           "WHERE part_id = '{a}'",)),
    Fault("O1", "more units taken off than there are",
          "SELECT part_id FROM order_adjustment_line WHERE part_id IS NOT NULL ORDER BY id LIMIT 1",
          ("UPDATE order_adjustment_line SET units = units + 1000 WHERE part_id = '{a}'",)),
    Fault("O1", "a discount code counted once too often", "SELECT id FROM discount_code LIMIT 1",
          ("UPDATE discount_code SET used_count = used_count + 1 WHERE id = '{a}'",)),
    *(Fault("O2", f"a wrong count of {column} units", _LINE,
            (f"UPDATE order_line SET {column} = {column} + 1 WHERE id = '{{a}}'",), ("order_line",))
      for column in ("canceled", "fulfilled", "returned", "refunded", "replaced")),
    *(Fault("O3", f"a wrong {column}", _ORDER, (f"UPDATE sales_order SET {column} = '{wrong}' WHERE id = '{{b}}'",))
      for column, wrong in (("status", "open"), ("payment_status", "unpaid"), ("fulfillment_status", "unfulfilled"))),
    Fault("O3", "an order without lines", _ORDER, ("DELETE FROM order_line WHERE order_id = '{b}'",)),
    Fault("O3", "a cart that became every order", "SELECT cart_id FROM sales_order ORDER BY number LIMIT 1",
          ("UPDATE sales_order SET cart_id = '{a}'",), ("sales_order",)),
    Fault("O3", "one number for every order", "SELECT number FROM sales_order ORDER BY number LIMIT 1",
          ("UPDATE sales_order SET number = {a}",), ("sales_order",)),
)  # fmt: skip

_TOOK = "SELECT id, order_id FROM payment WHERE captured_minor > 0 ORDER BY id LIMIT 1"
_ENTRY_ROW = "SELECT id FROM ledger_entry WHERE kind = 'payment.captured' ORDER BY id LIMIT 1"
_UNTAKEN = "DELETE FROM payment_event WHERE kind = 'captured' AND payment_id = '{a}'"
_PAID_ORDER = (
    "SELECT p.id, o.number, o.id FROM payment p JOIN sales_order o ON o.id = p.order_id "
    "WHERE p.captured_minor > 0 AND o.status = 'completed' ORDER BY o.number LIMIT 1"
)
_STEP = "SELECT id, subject_id FROM status_change WHERE machine = '{}' AND from_status IS NOT NULL ORDER BY id LIMIT 1"

MONEY = (
    Fault("M1", "an entry that does not balance", "SELECT entry_id FROM posting ORDER BY id LIMIT 1",
          ("UPDATE posting SET amount_minor = amount_minor + 1 WHERE entry_id = '{a}' AND n = 1",)),
    Fault("M1", "an entry without postings", _ENTRY_ROW, ("DELETE FROM posting WHERE entry_id = '{a}'",)),
    Fault("M1", "a ledger that does not balance", "SELECT currency, id FROM posting ORDER BY id LIMIT 1",
          ("UPDATE posting SET amount_minor = amount_minor + 1 WHERE id = '{b}'",), named=("trial balance {a}",)),
    Fault("M3", "one key for two entries", "SELECT idempotency_key FROM ledger_entry ORDER BY id LIMIT 1",
          ("UPDATE ledger_entry SET idempotency_key = '{a}'",), ("ledger_entry",)),
    Fault("M3", "a capture booked twice",
          "SELECT source_id, id FROM ledger_entry WHERE kind = 'payment.captured' ORDER BY id LIMIT 1",
          (copy("ledger_entry", "{b}", _ENTRY, {"id": NEW_ID, "idempotency_key": "'again'"}),), named=("{a}",)),
    Fault("M3", "a booking without its event", _TOOK, (_UNTAKEN,), named=("{a}",)),
    *(Fault("M5", f"a wrong {column}", _TOOK, (f"UPDATE payment SET {column} = {column} + 1 WHERE id = '{{a}}'",),
            ("payment",), named=("{a}",))
      for column in ("authorized_minor", "captured_minor", "refunded_minor", "refund_pending_minor")),
    Fault("M5", "a refund above what was taken", "SELECT payment_id, id FROM refund ORDER BY id LIMIT 1",
          ("UPDATE refund SET status = 'sent', amount_minor = 9999999 WHERE id = '{b}'",), named=("{a}",)),
    Fault("M5", "a capture above the authorization",
          "SELECT payment_id FROM payment_event WHERE kind = 'authorized' ORDER BY id LIMIT 1",
          ("UPDATE payment_event SET amount_minor = 1 WHERE kind = 'authorized'",)),
    *(Fault("M6", f"a wrong {column}", _ORDER, (f"UPDATE sales_order SET {column} = {column} + 1 WHERE id = '{{b}}'",))
      for column in ("owed_minor", "received_minor", "given_back_minor", "authorized_minor")),
    Fault("M6", "a deposit left on a settled order", _ORDER,
          ("UPDATE posting SET account = '4000' WHERE account = '2300' AND amount_minor > 0 AND order_id = '{b}'",)),
    Fault("M9", "a cent of tax too little",
          "SELECT order_id, id FROM posting WHERE account = '2100' ORDER BY id LIMIT 1",
          ("UPDATE posting SET amount_minor = amount_minor + 1 WHERE id = '{b}'",), named=("{a}",)),
    Fault("M9", "tax under the wrong rate",
          "SELECT order_id, id FROM posting WHERE account = '2100' ORDER BY id LIMIT 1",
          ("UPDATE posting SET detail = 'another tax' WHERE id = '{b}'",), named=("{a}", "another tax")),
    Fault("M10", "a pool worth more than the books", _STOCK,
          (f"UPDATE cost_pool SET value_minor = value_minor + 7 {_AT_STOCK}",), named=("cost_pool",)),
    Fault("M10", "a receipt booked as a correction",
          "SELECT id FROM ledger_entry WHERE kind = 'goods.received' ORDER BY id LIMIT 1",
          ("UPDATE ledger_entry SET kind = 'goods.adjusted' WHERE id = '{a}'",), named=("goods received",)),
    Fault("M11", "a paid order without money", _PAID_ORDER, (_UNTAKEN,), named=("order {b} {c}", "counts as paid")),
    Fault("M11", "goods that left without money", _PAID_ORDER, (_UNTAKEN,), named=("order {b} {c}", "left before")),
    Fault("M11", "money that confirmed nothing", _PAID_ORDER,
          ("UPDATE sales_order SET status = 'pending_payment' WHERE id = '{c}'",), named=("order {b} {c}",)),
    Fault("M12", "a balance with a cent more", "SELECT account, currency FROM ledger_balance ORDER BY account LIMIT 1",
          ("UPDATE ledger_balance SET amount_minor = amount_minor + 1 WHERE account = '{a}'",)),
    *(Fault("M15", f"a step of {machine} that is not allowed", _STEP.format(machine),
            ("UPDATE status_change SET to_status = 'nowhere' WHERE id = '{a}'",))
          for machine in ("payment_attempt", "refund")),
    Fault("M15", "a chain that is cut", _STEP.format("payment_attempt"),
          ("UPDATE status_change SET from_status = 'unknown' WHERE id = '{a}'",), named=("{b}",)),
    Fault("M15", "an attempt that moved alone",
          "SELECT id FROM payment_attempt WHERE status = 'captured' ORDER BY id LIMIT 1",
          ("UPDATE payment_attempt SET status = 'declined' WHERE id = '{a}'",)),
    Fault("M15", "a refund that moved alone", "SELECT id FROM refund WHERE status = 'succeeded' ORDER BY id LIMIT 1",
          ("UPDATE refund SET status = 'pending' WHERE id = '{a}'",)),
    Fault("M15", "a captured attempt without its event",
          "SELECT id, payment_id FROM payment_attempt WHERE status = 'captured' ORDER BY id LIMIT 1",
          ("DELETE FROM payment_event WHERE payment_id = '{b}'",), named=("{a}",)),
    Fault("M15", "a refund of another amount", "SELECT id FROM refund WHERE status = 'succeeded' ORDER BY id LIMIT 1",
          ("UPDATE refund SET amount_minor = amount_minor + 1 WHERE id = '{a}'",)),
    Fault("M16", "a capture above what was asked for", _TOOK,
          ("UPDATE payment SET amount_minor = 1 WHERE id = '{a}'",), named=("{a}",)),
    Fault("M16", "more asked for than the order costs", _TOOK,
          ("UPDATE payment SET amount_minor = amount_minor + 99999 WHERE id = '{a}'",), named=("{a}",)),
    Fault("M16", "an attempt at another amount", "SELECT id FROM payment_attempt ORDER BY id LIMIT 1",
          ("UPDATE payment_attempt SET amount_minor = amount_minor + 1 WHERE id = '{a}'",)),
)  # fmt: skip

_PARCEL = "SELECT number, id FROM shipment WHERE status = 'delivered' ORDER BY number LIMIT 1"
_LABEL = (
    "SELECT p.id, s.id FROM label_purchase p JOIN shipment s ON s.id = p.shipment_id "
    "WHERE p.status = 'bought' AND s.status = '{}' ORDER BY p.id LIMIT 1"
)
_WORK = "SELECT number, id FROM fulfillment WHERE status = '{}' ORDER BY number LIMIT 1"
_BOX = (
    "SELECT l.id FROM fulfillment_line l JOIN fulfillment f ON f.id = l.fulfillment_id "
    "WHERE f.status = 'handed_over' ORDER BY l.id LIMIT 1"
)

SHIPPING = (
    Fault("S1", "a bought label without a number", _LABEL.format("handed_over"),
          ("UPDATE label_purchase SET tracking_number = NULL WHERE id = '{a}'",), named=("{a}",)),
    Fault("S1", "one number for all labels", "SELECT 'SAME' AS number",
          ("UPDATE label_purchase SET tracking_number = '{a}'",)),
    Fault("S2", "two parcels of one fulfillment", "SELECT fulfillment_id FROM shipment ORDER BY number LIMIT 1",
          ("UPDATE shipment SET fulfillment_id = '{a}'",), ("shipment",)),
    Fault("S2", "two labels on one parcel", "SELECT id FROM shipment ORDER BY number LIMIT 1",
          ("UPDATE label_purchase SET shipment_id = '{a}'",), ("label_purchase",)),
    Fault("S3", "a label bought beside an unknown one",
          "SELECT id, shipment_id FROM label_purchase ORDER BY id LIMIT 1",
          ("UPDATE label_purchase SET status = 'unknown' WHERE id = '{a}'",
           "UPDATE label_purchase SET shipment_id = '{b}'"), ("label_purchase",), named=("{a}",)),
    Fault("S3", "a label given up without a reason", "SELECT id FROM label_purchase ORDER BY id LIMIT 1",
          ("UPDATE label_purchase SET status = 'abandoned', failure = NULL WHERE id = '{a}'",)),
    Fault("S5", "a unit less in the box than left", _BOX,
          ("UPDATE fulfillment_line SET packed = packed - 1 WHERE id = '{a}'",)),
    Fault("S5", "a unit counted that nobody fetched", _BOX,
          ("UPDATE fulfillment_line SET picked = picked + 1 WHERE id = '{a}'",), ("fulfillment_line",)),
    Fault("S5", "a closed box with too little in it",
          "SELECT l.id FROM fulfillment_line l JOIN fulfillment f ON f.id = l.fulfillment_id "
          "WHERE f.status = 'packed' ORDER BY l.id LIMIT 1",
          ("UPDATE fulfillment_line SET packed = 0 WHERE id = '{a}'",)),
    Fault("S5", "a hand-over without a parcel", _WORK.format("handed_over"),
          ("UPDATE shipment SET status = 'labelled' WHERE fulfillment_id = '{b}'",)),
    Fault("S10", "a milestone that no scan tells", _PARCEL,
          ("UPDATE shipment SET milestone = 'attempted', delivered_at = NULL WHERE id = '{b}'",)),
    Fault("S10", "a delivery at another time", _PARCEL,
          ("UPDATE shipment SET delivered_at = delivered_at + 1 WHERE id = '{b}'",)),
    Fault("S10", "tracking without a scan", _PARCEL, ("DELETE FROM tracking_event WHERE shipment_id = '{b}'",)),
    Fault("S10", "a delivered parcel on its way", _PARCEL,
          ("UPDATE shipment SET status = 'handed_over' WHERE id = '{b}'",)),
    Fault("S11", "a scan from before the label", _PARCEL,
          ("UPDATE shipment SET labelled_at = last_scan_at + 1 WHERE id = '{b}'",)),
    Fault("S11", "a scan of a parcel without a number",
          "SELECT e.id, e.shipment_id FROM tracking_event e ORDER BY e.id LIMIT 1",
          ("UPDATE shipment SET tracking_number = NULL WHERE id = '{b}'",), named=("{a}",)),
    Fault("S13", "work that promises another day", _WORK.format("handed_over"),
          ("UPDATE fulfillment SET promised_on = '2031-01-01' WHERE id = '{b}' AND kind = 'sale'",)),
    Fault("S13", "a parcel that promises another day", _PARCEL,
          ("UPDATE shipment SET promised_on = '2031-01-01' WHERE id = '{b}'",)),
)  # fmt: skip

_RETURN_LINE = "SELECT return_id, order_line_id, id FROM goods_return_line WHERE received > 0 ORDER BY id LIMIT 1"
_REMEDY = "SELECT id, command_id FROM remedy WHERE kind = '{}' ORDER BY id LIMIT 1"

SERVICE = (
    Fault("C3", "a note in a mail",
          "SELECT m.id, n.id FROM mail m JOIN note n ON n.conversation_id = m.conversation_id ORDER BY m.id LIMIT 1",
          ("UPDATE mail SET body_text = 'Hello. ' || (SELECT body FROM note WHERE id = '{b}') WHERE id = '{a}'",)),
    Fault("C3", "a note in an answer",
          "SELECT m.id, n.id FROM message m JOIN note n ON n.conversation_id = m.conversation_id "
          "WHERE m.direction = 'out' ORDER BY m.id LIMIT 1",
          ("UPDATE message SET body = (SELECT body FROM note WHERE id = '{b}') WHERE id = '{a}'",)),
    Fault("C6", "a remedy of another amount", _REMEDY.format("refund"),
          ("UPDATE remedy SET amount_minor = amount_minor + 1 WHERE id = '{a}'",), named=("{a}",)),
    Fault("C6", "a command with two remedies", _REMEDY.format("refund"),
          ("UPDATE remedy SET command_id = '{b}'",), ("remedy",), named=("{b}",)),
    Fault("C6", "a remedy without its return", _REMEDY.format("return"),
          ("DELETE FROM goods_return WHERE id = '{a}'",), named=("{a}",)),
    Fault("C6", "two refunds that are one", "SELECT payment_id FROM refund ORDER BY id LIMIT 1",
          ("UPDATE refund SET payment_id = '{a}', provider_ref = 're_1'",)),
    Fault("C7", "a line made good twice", _LINE,
          ("UPDATE order_line SET refunded = fulfilled + 1 WHERE id = '{a}'",), ("order_line",)),
    Fault("C7", "an order refunded beyond its money", "SELECT order_id, id FROM refund ORDER BY id LIMIT 1",
          ("UPDATE refund SET status = 'sent', amount_minor = 9999999 WHERE id = '{b}'",), named=("{a}",)),
    Fault("C7", "a refund above its document",
          "SELECT adjustment_id, id FROM refund WHERE adjustment_id IS NOT NULL AND status = 'succeeded' "
          "ORDER BY id LIMIT 1",
          ("UPDATE refund SET amount_minor = amount_minor + 1 WHERE id = '{b}'",), named=("{a}",)),
    Fault("C8", "a return straight into a bin",
          "SELECT id FROM stock_move WHERE kind = 'return_in' ORDER BY seq LIMIT 1",
          ("UPDATE stock_move SET to_location_id = (SELECT id FROM location WHERE code = 'A-01-1') WHERE id = '{a}'",)),
    Fault("C8", "a refund that touches goods",
          "SELECT id FROM ledger_entry WHERE kind = 'refund.succeeded' ORDER BY id LIMIT 1",
          ("UPDATE posting SET account = '1300' WHERE entry_id = '{a}' AND account = '2400'",)),
    Fault("C9", "a unit received that never came", _RETURN_LINE,
          ("UPDATE goods_return_line SET received = received + 1 WHERE id = '{c}'",), ("goods_return_line",),
          named=("{a}", "{b}")),
    Fault("C9", "a unit that ended in two places", _RETURN_LINE,
          ("UPDATE goods_return_line SET restocked = restocked + 1 WHERE id = '{c}'",), ("goods_return_line",),
          named=("{c}",)),
    Fault("C9", "more back than was sent", _RETURN_LINE,
          ("UPDATE goods_return_line SET received = 5000 WHERE id = '{c}'",), ("goods_return_line",), named=("{b}",)),
)  # fmt: skip

_SHIPPED = (
    "SELECT f.order_id, m.id FROM stock_move m JOIN fulfillment_line l ON l.id = m.line_id "
    "JOIN fulfillment f ON f.id = l.fulfillment_id WHERE m.kind = 'ship' ORDER BY m.seq LIMIT 1"
)

CROSSING = (
    Fault("X1", "a parcel at another price",
          _PARCEL, ("UPDATE shipment SET cost_minor = cost_minor + 1 WHERE id = '{b}'",),
          named=("{b}",)),
    Fault("X1", "a label that was thrown away",
          _PARCEL, ("DELETE FROM document WHERE subject_id = '{b}'",), named=("{b}",)),
    Fault("X1", "a bought label without a parcel", _LABEL.format("labelled"),
          ("UPDATE shipment SET status = 'canceled' WHERE id = '{b}'",), named=("{a}",)),
    Fault("X1", "a label booked at another price",
          "SELECT source_id, id FROM ledger_entry WHERE kind = 'label.bought' ORDER BY id LIMIT 1",
          ("UPDATE posting SET amount_minor = amount_minor + 1 WHERE entry_id = '{b}' AND account = '5200'",),
          named=("{a}",)),
    Fault("X1", "an answer without its mail", "SELECT id FROM message WHERE mail_id IS NOT NULL ORDER BY id LIMIT 1",
          ("UPDATE message SET mail_id = '{a}' WHERE id = '{a}'",)),
    Fault("X2", "goods that left at another cost", _SHIPPED,
          ("UPDATE stock_move SET value_minor = value_minor + 1 WHERE id = '{b}'",), named=("{a}",)),
    Fault("X2", "goods that came back at another cost",
          "SELECT l.order_id, m.id FROM stock_move m JOIN order_line l ON l.id = m.line_id WHERE m.kind = 'return_in' "
          "ORDER BY m.seq LIMIT 1",
          ("UPDATE stock_move SET value_minor = value_minor + 1 WHERE id = '{b}'",), named=("{a}",)),
    Fault("X2", "a sold unit that nobody keeps",
          "SELECT order_line_id, id FROM reservation WHERE status = 'firm' ORDER BY id LIMIT 1",
          ("UPDATE reservation SET status = 'released', release_reason = 'lost' WHERE id = '{b}'",), named=("{a}",)),
    Fault("X2", "a sold unit that nobody will send",
          "SELECT l.order_line_id, l.id FROM fulfillment_line l JOIN fulfillment f ON f.id = l.fulfillment_id "
          "WHERE f.status = 'open' AND f.kind = 'sale' ORDER BY l.id LIMIT 1",
          ("UPDATE fulfillment_line SET dropped = dropped + 1 WHERE id = '{b}'",), named=("{a}",)),
)  # fmt: skip

_LIFECYCLES = {
    "product": ("active", "draft"), "fulfillment": ("open", "picked"), "shipment": ("delivered", "returned"),
    "label_purchase": ("bought", "refused"), "payment_attempt": ("captured", "declined"),
    "refund": ("succeeded", "pending"), "goods_return": ("closed", "canceled"), "conversation": ("resolved", "open"),
    "purchase_order": ("sent", "approved"), "receipt": ("counted", "open"), "supplier_invoice": ("open", "void"),
}  # fmt: skip

KERNEL = (
    *(Fault("K1", f"a row of the {table} that runs under nobody's lease", f"SELECT id FROM {table} ORDER BY id LIMIT 1",
            (f"UPDATE {table} SET status = 'running', leased_by = NULL WHERE id = '{{a}}'",))
      for table in ("outbox", "inbox")),
    Fault("K1", "a dead row that does not say why", "SELECT id FROM outbox ORDER BY id LIMIT 1",
          ("UPDATE outbox SET status = 'dead', done_at = NULL, last_error = NULL WHERE id = '{a}'",)),
    *(Fault("K2", f"a {table} that moved alone",
          f"SELECT id FROM {table} WHERE status = '{before}' ORDER BY id LIMIT 1",
            (f"UPDATE {table} SET status = '{after}' WHERE id = '{{a}}'",))
      for table, (before, after) in _LIFECYCLES.items()),
    Fault("K2", "a step that is not allowed", _STEP.format("fulfillment"),
          ("UPDATE status_change SET to_status = 'handed_over' WHERE id = '{a}'",)),
    Fault("K2", "a chain that is cut", _STEP.format("shipment"), ("DELETE FROM status_change WHERE id = '{a}'",),
          named=("{b}",)),
    Fault("K2", "a lifecycle that nobody knows", _STEP.format("shipment"),
          ("UPDATE status_change SET machine = 'moon' WHERE id = '{a}'",), named=("{a}",)),
    Fault("K3", "a move that is gone", "SELECT warehouse_id, seq + 1, seq FROM stock_move WHERE seq = 5",
          ("DELETE FROM stock_move WHERE warehouse_id = '{a}' AND seq = {c}",), named=("{a} {b}",)),
    Fault("K3", "a counter that ran ahead", "SELECT code, id FROM warehouse LIMIT 1",
          ("UPDATE warehouse SET last_seq = last_seq + 1 WHERE id = '{b}'",)),
    *(Fault("K4", f"a {table} that nobody was told", f"SELECT id FROM {table} ORDER BY id LIMIT 1",
            (f"DELETE FROM outbox WHERE key = {key}",))
      for table, key in (("payment_attempt", "'payment.open:{a}'"), ("refund", "'refund:{a}:1'"),
                         ("label_purchase", "'label.buy:{a}'"), ("mail", "'mail:{a}'"))),
    Fault("K4", "one key for two messages", "SELECT key FROM outbox ORDER BY id LIMIT 1",
          ("UPDATE outbox SET key = '{a}'",), ("outbox",)),
    Fault("K4", "one arrival taken in twice", "SELECT source, external_id FROM inbox ORDER BY id LIMIT 1",
          ("UPDATE inbox SET source = '{a}', external_id = '{b}'",), ("inbox",)),
    Fault("K5", "a guard that was dropped", "SELECT 'keep_posting'", ("DROP TRIGGER keep_posting ON posting",),
          only="postgresql"),
    Fault("K5", "a guard that was switched off", "SELECT 'keep_ledger_entry'",
          ("ALTER TABLE ledger_entry DISABLE TRIGGER keep_ledger_entry",), only="postgresql"),
    Fault("K5", "guards that were dropped", "SELECT 'keep_posting_delete'",
          ("DROP TRIGGER keep_posting_delete",), only="sqlite"),
    Fault("K5", "a check that was dropped", "SELECT 'ck_availability_reserved'", ("SELECT 1",), ("availability",)),
    Fault("K5", "a unique key that was dropped", "SELECT 'unique source, external_id on inbox'", ("SELECT 1",),
          ("inbox",)),
    Fault("K5", "an index that was dropped", "SELECT 'ix_outbox_due'", ("DROP INDEX ix_outbox_due",)),
    Fault("K5", "a partial unique index that was dropped",
          "SELECT 'uq_shipment_live'", ("DROP INDEX uq_shipment_live",)),
    Fault("K5", "a table that was dropped", "SELECT 'table login_failure'", ("DROP TABLE login_failure",)),
    Fault("K5", "a column that was dropped",
          "SELECT 'column note on customer'", ("ALTER TABLE customer DROP COLUMN note",)),
    Fault("K5", "a sequence that was dropped", "SELECT 'number_refund'", ("DROP SEQUENCE number_refund",),
          only="postgresql"),
    Fault("K5", "a number sequence that is gone", "SELECT 'number sequence refund'",
          ("DELETE FROM number_sequence WHERE kind = 'refund'",), only="sqlite"),
)  # fmt: skip

_STAFF = "SELECT staff_id FROM staff_session WHERE ended_at IS NULL LIMIT 1"

OTHERS = (
    Fault("A1", "a session of somebody who is out", _STAFF,
          ("UPDATE staff_session SET expires_at = 4000000000000000",
           "UPDATE staff SET status = 'disabled' WHERE id = '{a}'")),
    Fault("A1", "a password in plain words", "SELECT id FROM staff ORDER BY id LIMIT 1",
          ("UPDATE staff SET password_hash = 'sesame' WHERE id = '{a}'",)),
    Fault("A1", "a token in plain words",
          _STAFF, ("UPDATE staff_session SET token_hash = 'sesame' WHERE staff_id = '{a}'",)),
    Fault("A2", "a card number in a mail", "SELECT id FROM mail ORDER BY id LIMIT 1",
          ("UPDATE mail SET body_text = 'My card is 4242 4242 4242 4242, thanks' WHERE id = '{a}'",)),
    Fault("A2", "a card number in a note", "SELECT id FROM note ORDER BY id LIMIT 1",
          ("UPDATE note SET body = 'card 378282246310005' WHERE id = '{a}'",)),
    Fault("A2", "a card number in a queue", "SELECT id FROM inbox ORDER BY id LIMIT 1",
          ("""UPDATE inbox SET body = '"5555-5555-5555-4444"' WHERE id = '{a}'""",)),
    Fault("W1", "a product that search cannot find",
          "SELECT id FROM product WHERE status = 'active' ORDER BY id LIMIT 1",
          ("DELETE FROM search_term WHERE product_id = '{a}'",)),
    Fault("W1", "a draft that search finds", "SELECT id FROM product WHERE status = 'active' ORDER BY id LIMIT 1",
          ("UPDATE product SET status = 'draft' WHERE id = '{a}'",)),
)  # fmt: skip

_OPEN = "SELECT id, variant_id FROM replenishment_suggestion WHERE status = 'open' ORDER BY id LIMIT 1"
_TAKEN = "SELECT id FROM replenishment_suggestion WHERE status = '{}' ORDER BY id LIMIT 1"
_SUGGESTION = (
    "id, run_id, variant_id, warehouse_id, sku, qty, status, inputs, reasons, supplier_id, supplier_name, "
    "unit_cost_minor, taken_qty, command_id, decided_by, note, decided_at, created_at"
)
_INPUTS = "UPDATE replenishment_suggestion SET inputs = REPLACE(inputs, '\"{}\":', '\"{}\":{}') WHERE id = '{{a}}'"

RESTOCK = (
    Fault("R1", "a second open suggestion", _OPEN,
          (copy("replenishment_suggestion", "{a}", _SUGGESTION, {"id": NEW_ID}),), ("replenishment_suggestion",),
          named=("{b}",)),
    Fault("R1", "an order of nothing", _TAKEN.format("accepted"),
          ("UPDATE replenishment_suggestion SET taken_qty = NULL WHERE id = '{a}'",), ("replenishment_suggestion",)),
    Fault("R1", "an edit that changed nothing", _TAKEN.format("edited"),
          ("UPDATE replenishment_suggestion SET taken_qty = qty WHERE id = '{a}'",)),
    Fault("R1", "a decision without its command", _TAKEN.format("edited"),
          ("UPDATE replenishment_suggestion SET command_id = NULL WHERE id = '{a}'",)),
    Fault("R2", "a unit more than the numbers say", _OPEN,
          ("UPDATE replenishment_suggestion SET qty = qty + 1 WHERE id = '{a}'",), named=("{a}",)),
    *(Fault("R2", f"another {name}", _OPEN, (_INPUTS.format(name, name, "9"),), named=("{a}",))
      for name in ("level_e6", "variance_e6", "on_hand", "on_order", "up_to", "lead_days_e3")),
    Fault("R2", "a level typed by hand that was lower", _TAKEN.format("accepted"),
          (_INPUTS.format("on_hand", "on_hand", "9"),)),
)  # fmt: skip

FAULTS = (*GOODS, *COUNTS, *ORDERS, *MONEY, *SHIPPING, *FLOOR, *SERVICE, *CROSSING, *RESTOCK, *KERNEL, *OTHERS, *ENDS,
          *BUYING, *AHEAD, *COST, *BETWEEN, *KITS)  # fmt: skip
