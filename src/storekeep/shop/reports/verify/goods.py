"""G: the goods ledger. Balances, availability, reservations and cost pools, recomputed from moves."""

# ruff: noqa: S608 - every query here is put together from constants of this package

from storekeep.shop.reports.verify import levels
from storekeep.shop.reports.verify.levels import NO_LOT
from storekeep.shop.reports.verify.lots import INVARIANTS as LOTS
from storekeep.shop.reports.verify.model import Invariant
from storekeep.shop.reports.verify.scope import ORDERS, VARIANTS
from storekeep.shop.reports.verify.sql import Rule, checks, differs, twice

#: Each move as what it brought to one place and took from another.
FLOW = """SELECT variant_id, warehouse_id, to_location_id AS location_id, lot_id, seq, qty FROM stock_move
UNION ALL SELECT variant_id, warehouse_id, from_location_id, lot_id, seq, -qty FROM stock_move"""

#: Moves between us and the outside, with the units and the value that they brought (negative: took).
CROSSING = """SELECT m.id, m.variant_id, m.warehouse_id, m.seq, m.kind, m.qty, m.value_minor,
CASE WHEN t.is_owned THEN m.qty ELSE -m.qty END AS units,
CASE WHEN t.is_owned THEN m.value_minor ELSE -m.value_minor END AS value_in
FROM stock_move m JOIN location f ON f.id = m.from_location_id JOIN location t ON t.id = m.to_location_id
WHERE f.is_owned <> t.is_owned"""

_G1 = checks(
    "stock_balance",
    Rule("stock_balance", "the units are not the sum of the moves", levels.balances),
    Rule("stock_balance", "the assigned units are not the sum of the assigned reservations", differs(
        "variant_id, location_id, lot_id",
        f"SELECT variant_id, location_id, COALESCE(lot_id, '{NO_LOT}') AS lot_id, qty AS amount FROM reservation "
        "WHERE status = 'assigned'",
        "SELECT variant_id, location_id, lot_id, assigned AS amount FROM stock_balance",
    )),
    Rule("stock_balance", "the last number is not that of the latest move", levels.last_numbers),
    Rule("stock_balance", "it is not owned as its place is", """
        SELECT b.variant_id, b.location_id, l.is_owned AS expected, b.is_owned AS found
        FROM stock_balance b JOIN location l ON l.id = b.location_id WHERE b.is_owned <> l.is_owned"""),
    within=VARIANTS,
)  # fmt: skip

_G2 = checks(
    "stock_move",
    Rule("variant", "its units over all places do not add up to nothing",
         "SELECT variant_id, 0 AS expected, SUM(qty) AS found FROM stock_balance GROUP BY variant_id "
         "HAVING SUM(qty) <> 0"),
    Rule("stock_move", "it goes between places that are not those of its warehouse", """
        SELECT m.id, m.warehouse_id AS expected, CASE WHEN f.warehouse_id <> m.warehouse_id
        THEN f.warehouse_id ELSE t.warehouse_id END AS found
        FROM stock_move m JOIN location f ON f.id = m.from_location_id JOIN location t ON t.id = m.to_location_id
        WHERE f.warehouse_id <> m.warehouse_id OR t.warehouse_id <> m.warehouse_id"""),
    Rule("location", "it is not owned as its kind says", """
        SELECT code, kind AS expected, is_owned AS found FROM location
        WHERE is_owned <> (kind IN ('bin', 'receiving', 'packing', 'quarantine', 'transit'))"""),
    within=VARIANTS,
)  # fmt: skip

_G3 = checks(
    "stock_move",
    Rule("stock_balance", "the place fell below nothing at this number", f"""
        SELECT variant_id, location_id, seq, 'at least 0' AS expected, level AS found FROM (
        SELECT f.variant_id, f.location_id, f.seq,
        SUM(f.qty) OVER (PARTITION BY f.variant_id, f.location_id, f.lot_id ORDER BY f.seq) AS level
        FROM ({FLOW}) f JOIN location l ON l.id = f.location_id WHERE l.is_owned) walked WHERE level < 0""",
         quick=levels.below_nothing),
    within=VARIANTS,
)  # fmt: skip

_G4 = checks(
    "availability",
    Rule("availability", "on hand is not what stands in the bins that are sold from", levels.on_hand),
    Rule("availability", "reserved is not the sum of the open reservations", differs(
        "variant_id, warehouse_id",
        "SELECT variant_id, warehouse_id, qty AS amount FROM reservation WHERE status IN ('cart', 'firm', 'assigned')",
        "SELECT variant_id, warehouse_id, reserved AS amount FROM availability",
    )),
    Rule("availability", "more is reserved than there is", """
        SELECT variant_id, warehouse_id, on_hand_sellable AS expected, reserved AS found FROM availability
        WHERE reserved < 0 OR reserved > on_hand_sellable OR buffer < 0"""),
    within=VARIANTS,
)  # fmt: skip

#: A hold may outlive its expiry until housekeeping comes round (microseconds).
_GRACE = 300_000_000

_G5 = checks(
    "reservation",
    # Measured against the shop's own latest act: a shop that stood still gave nothing back, and harmed nobody.
    Rule("reservation", "an expired cart hold still counts", f"""
        SELECT id, expires_at AS expected, (SELECT MAX(updated_at) FROM reservation) AS found FROM reservation
        WHERE status IN ('cart', 'ahead') AND expires_at + {_GRACE} < (SELECT MAX(updated_at) FROM reservation)""",
         quick=f"""
        SELECT id, expires_at AS expected, latest AS found FROM reservation
        CROSS JOIN (SELECT MAX(updated_at) AS latest FROM reservation WHERE id >= [floor]) act
        WHERE variant_id IN [variants] AND status IN ('cart', 'ahead') AND expires_at + {_GRACE} < latest"""),
    Rule("reservation", "it lacks what its status needs", """
        SELECT id, status AS expected, COALESCE(release_reason, 'a cart, order, line or place is missing') AS found
        FROM reservation WHERE (status IN ('cart', 'ahead') AND (cart_id IS NULL OR order_id IS NOT NULL))
        OR (status IN ('firm', 'assigned', 'picked', 'consumed', 'waiting')
        AND (order_id IS NULL OR order_line_id IS NULL))
        OR (status IN ('assigned', 'picked', 'consumed') AND (fulfillment_line_id IS NULL OR location_id IS NULL))
        OR (status = 'released') <> (release_reason IS NOT NULL)""",
         within={"reservation": "id >= [floor] OR order_id IN [orders]"}),
    Rule("reservation", "a cart hold was given back before its time ran out", """
        SELECT id, expires_at AS expected, updated_at AS found FROM reservation
        WHERE status = 'released' AND release_reason = 'hold ran out' AND updated_at < expires_at""",
         within={"reservation": "variant_id IN [variants]"}),
    Rule("reservation", "it is kept for an order that will never be sent", """
        SELECT r.id, 'an order to be sent' AS expected, COALESCE(o.status, 'no order') AS found
        FROM reservation r LEFT JOIN sales_order o ON o.id = r.order_id
        WHERE r.status IN ('firm', 'assigned', 'picked', 'waiting')
        AND (o.id IS NULL OR o.status IN ('canceled', 'expired'))"""),
    Rule("fulfillment_line", "the units sent are not the reservations consumed", differs(
        "line_id",
        "SELECT line_id, qty AS amount FROM stock_move WHERE kind = 'ship'",
        "SELECT fulfillment_line_id AS line_id, qty AS amount FROM reservation WHERE status = 'consumed'",
    )),
    Rule("fulfillment_line", "the units picked are not the reservations in the tray or sent", differs(
        "line_id",
        "SELECT line_id, CASE kind WHEN 'pick' THEN qty ELSE -qty END AS amount FROM stock_move "
        "WHERE kind IN ('pick', 'unpick')",
        "SELECT fulfillment_line_id AS line_id, qty AS amount FROM reservation WHERE status IN ('picked', 'consumed')",
    )),
    within=ORDERS,
)  # fmt: skip

_REVERSAL = "reverses_move_id IS NOT NULL"

_G6 = checks(
    "stock_move",
    Rule("stock_move of command", "the command posted more than once", """
        SELECT command_id, MIN(posted_at) AS expected, MAX(posted_at) AS found FROM stock_move GROUP BY command_id
        HAVING MIN(posted_at) <> MAX(posted_at) OR COUNT(*) <> COUNT(DISTINCT line_no)""", quick="""
        SELECT command_id, MIN(posted_at) AS expected, MAX(posted_at) AS found FROM stock_move
        WHERE command_id IN (SELECT command_id FROM stock_move WHERE id >= [floor]) GROUP BY command_id
        HAVING MIN(posted_at) <> MAX(posted_at) OR COUNT(*) <> COUNT(DISTINCT line_no)"""),
    # A line leaves in one move, or in one for each of its lots.
    Rule("stock_move of shipment and line", "the parcel's line left more than once",
         twice("document_id, line_id, lot_id", "stock_move", "kind = 'ship'"), within=ORDERS),
    # Both reversals move the same variant, and that has an index.
    Rule("stock_move", "it was reversed more than once", twice("reverses_move_id", "stock_move", _REVERSAL),
         quick=twice("reverses_move_id", "stock_move", f"{_REVERSAL} AND variant_id IN (SELECT variant_id "
                     f"FROM stock_move WHERE id >= [floor] AND {_REVERSAL})")),
    within=VARIANTS,
)  # fmt: skip

_G7 = checks(
    "cost_pool",
    Rule("cost_pool", "its units are not what is on hand", levels.pool_units),
    Rule("cost_pool", "its value is not what came in and was added less what went out", levels.pool_values),
    Rule("stock_move", "a move within the house has a value", """
        SELECT m.id, 0 AS expected, m.value_minor AS found FROM stock_move m
        JOIN location f ON f.id = m.from_location_id JOIN location t ON t.id = m.to_location_id
        WHERE f.is_owned = t.is_owned AND m.value_minor <> 0"""),
    Rule("order_line", "more value came back than had left", """
        SELECT order_line_id, SUM(sent) AS expected, SUM(came) AS found FROM (
        SELECT l.order_line_id, m.value_minor AS sent, 0 AS came FROM stock_move m
        JOIN fulfillment_line l ON l.id = m.line_id WHERE m.kind = 'ship'
        UNION ALL SELECT line_id, 0, value_minor FROM stock_move WHERE kind = 'return_in' AND line_id IS NOT NULL) ways
        GROUP BY order_line_id HAVING SUM(came) > SUM(sent)""", within=ORDERS),
    within=VARIANTS,
)  # fmt: skip

INVARIANTS = (
    Invariant("G1", "Every balance is moves in less moves out, its assigned units the assigned reservations.", _G1),
    Invariant("G2", "Over all places, virtual ones included, each variant adds up to nothing.", _G2),
    Invariant("G3", "No place of ours was below zero at any number of its warehouse.", _G3),
    Invariant("G4", "On hand and reserved equal bins and open reservations; no more is promised than there is.", _G4),
    Invariant("G5", "No expired hold counts, and shipping consumes exactly its own reservations.", _G5),
    Invariant("G6", "A command or document leaves one set of moves.", _G6),
    Invariant("G7", "Cost pools equal receipts less issues, with what was added to them later.", _G7),
    *LOTS,
)
