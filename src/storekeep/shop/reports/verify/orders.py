"""O: orders. Parts sum to totals, counters equal documents, and the three statuses follow from the facts."""

# ruff: noqa: S608 - every query here is put together from constants of this package

from storekeep.shop.reports.verify.model import Invariant
from storekeep.shop.reports.verify.scope import ORDERS
from storekeep.shop.reports.verify.sql import Rule, checks, differs, twice, twice_among, unequal

_PART_SUMS = """sales_order o LEFT JOIN (SELECT order_id,
SUM(CASE WHEN kind = 'goods' THEN list_minor ELSE 0 END) AS goods, SUM(discount_minor) AS discount,
SUM(CASE WHEN kind = 'shipping' THEN list_minor ELSE 0 END) AS shipping,
SUM(tax_minor) AS tax, SUM(gross_minor) AS total FROM order_part GROUP BY order_id) p ON p.order_id = o.id"""

_TAX = (
    "CASE WHEN o.prices_include_tax "
    "THEN (2 * p.gross_minor * p.rate_bp + 10000 + p.rate_bp) / (2 * (10000 + p.rate_bp)) "
    "ELSE (p.net_minor * p.rate_bp + 5000) / 10000 END"
)
_DISCOUNT_NET = (
    "CASE WHEN o.prices_include_tax "
    "THEN (20000 * p.discount_minor + 10000 + p.rate_bp) / (2 * (10000 + p.rate_bp)) ELSE p.discount_minor END"
)


def upto(amount: str, units: str, k: str) -> str:
    """The share of the first k units of a part, half up: F(k) = floor((2 * amount * k + units) / (2 * units))."""
    return f"((2 * {amount} * {k} + {units}) / (2 * {units}))"


def _share(column: str) -> str:
    """What s.units of the part's units are worth: sent ones counted from the front, canceled ones from the back."""
    front = upto(f"p.{column}", "p.units", "s.units")
    rest = upto(f"p.{column}", "p.units", "(p.units - s.units)")
    return f"(CASE WHEN s.was_shipped THEN {front} ELSE p.{column} - {rest} END)"


_SHARES = """(SELECT part_id, was_shipped, CAST(SUM(units) AS BIGINT) AS units, SUM(net_minor) AS net_minor,
SUM(tax_minor) AS tax_minor, SUM(discount_net_minor) AS discount_net_minor FROM order_adjustment_line
WHERE part_id IS NOT NULL GROUP BY part_id, was_shipped) s JOIN order_part p ON p.id = s.part_id"""

_O1 = checks(
    "sales_order",
    Rule("order", "its totals are not the sums of its parts", unequal("o.number, o.id", {
        "goods": ("COALESCE(p.goods, 0)", "o.goods_minor"),
        "discount": ("COALESCE(p.discount, 0)", "o.discount_minor"),
        "shipping": ("COALESCE(p.shipping, 0)", "o.shipping_minor"),
        "tax": ("COALESCE(p.tax, 0)", "o.tax_minor"),
        "total": ("COALESCE(p.total, 0)", "o.total_minor"),
    }, _PART_SUMS)),
    Rule("order_part", "net, tax, gross and discount do not follow from list price and rate", unequal("p.id", {
        "gross": ("p.net_minor + p.tax_minor", "p.gross_minor"),
        "charged": ("p.list_minor - p.discount_minor",
                    "CASE WHEN o.prices_include_tax THEN p.gross_minor ELSE p.net_minor END"),
        "tax": (_TAX, "p.tax_minor"),
        "discount net": (_DISCOUNT_NET, "p.discount_net_minor"),
    }, "order_part p JOIN sales_order o ON o.id = p.order_id", "o.tax_rounding = 'line'")),
    Rule("order_line", "its goods part does not have its units and price", """
        SELECT l.id, l.ordered AS expected, COALESCE(p.units, 0) AS found FROM order_line l
        LEFT JOIN order_part p ON p.order_line_id = l.id AND p.kind = 'goods' AND p.order_id = l.order_id
        WHERE p.id IS NULL OR p.units <> l.ordered OR p.list_minor / l.ordered <> l.unit_price_minor"""),
    Rule("order_part of line", "the line is charged twice",
         twice("order_line_id", "order_part", "order_line_id IS NOT NULL")),
    Rule("order_adjustment", "its amount is not the sum of its lines", differs(
        "id", "SELECT adjustment_id AS id, gross_minor AS amount FROM order_adjustment_line",
        "SELECT id, gross_minor AS amount FROM order_adjustment",
    )),
    Rule("order_part", "what was taken off is not the share of its units", unequal(
        "s.part_id, s.was_shipped",
        {name: (_share(column), f"s.{column}") for name, column in
         (("net", "net_minor"), ("tax", "tax_minor"), ("discount net", "discount_net_minor"))},
        _SHARES,
    )),
    Rule("order_part", "more units were taken off than it has", """
        SELECT p.id, p.units AS expected, SUM(l.units) AS found FROM order_adjustment_line l
        JOIN order_part p ON p.id = l.part_id GROUP BY p.id, p.units HAVING SUM(l.units) > p.units"""),
    Rule("discount_code", "its count is not the number of orders that use it", differs(
        "id", "SELECT discount_code_id AS id, 1 AS amount FROM discount_use WHERE returned_at IS NULL",
        "SELECT id, used_count AS amount FROM discount_code",
    ), within={"discount_code": "id IN [codes]", "discount_use": "discount_code_id IN [codes]"}),
    Rule("order", "its discount is not its code's percentage of the goods, half up", """
        SELECT o.number, o.id, (o.goods_minor * c.percent_bp + 5000) / 10000 AS expected, o.discount_minor AS found
        FROM discount_use u JOIN sales_order o ON o.id = u.order_id JOIN discount_code c ON c.id = u.discount_code_id
        WHERE o.discount_minor <> (o.goods_minor * c.percent_bp + 5000) / 10000""",
         within={"sales_order": "id IN [orders]", "discount_use": "order_id IN [orders]"}),
    within=ORDERS,
)  # fmt: skip


def _counter(column: str, text: str, ledger: str) -> Rule:
    cache = f"SELECT id, {column} AS amount FROM order_line"
    return Rule("order_line", f"its {column} units are not {text}", differs("id", ledger, cache))


_TAKEN_OFF = """SELECT p.order_line_id AS id, l.units AS amount FROM order_adjustment_line l
JOIN order_part p ON p.id = l.part_id WHERE p.kind = 'goods' AND """

_O2 = checks(
    "order_line",
    _counter("canceled", "those of its cancellations", _TAKEN_OFF + "NOT l.was_shipped"),
    _counter("refunded", "those of its refunds after dispatch", _TAKEN_OFF + "l.was_shipped"),
    _counter("fulfilled", "those that left as sales", """SELECT l.order_line_id AS id, m.qty AS amount FROM stock_move m
        JOIN fulfillment_line l ON l.id = m.line_id JOIN fulfillment f ON f.id = l.fulfillment_id
        WHERE m.kind = 'ship' AND f.kind = 'sale'"""),
    _counter("returned", "those that came back", """SELECT line_id AS id, qty AS amount FROM stock_move
        WHERE kind = 'return_in' AND line_id IS NOT NULL"""),
    _counter("replaced", "those to be sent again", """SELECT l.order_line_id AS id,
        CASE WHEN f.status = 'canceled' THEN 0 ELSE l.qty - l.dropped END AS amount
        FROM fulfillment_line l JOIN fulfillment f ON f.id = l.fulfillment_id WHERE f.kind = 'reship'"""),
    Rule("order_line", "its counters do not fit into each other", """
        SELECT id, ordered AS expected, canceled + fulfilled AS found FROM order_line
        WHERE canceled < 0 OR fulfilled < 0 OR canceled + fulfilled > ordered OR refunded + replaced > fulfilled
        OR returned > fulfilled + replaced"""),
    within=ORDERS,
)  # fmt: skip

#: The facts of each order from its documents and payment events, none of them from a cache.
_FACTS = """WITH taken_off AS (SELECT order_id, SUM(gross_minor) AS amount FROM order_adjustment GROUP BY order_id),
told AS (SELECT payment_id, SUM(CASE WHEN kind = 'captured' THEN amount_minor ELSE 0 END) AS captured,
SUM(CASE kind WHEN 'refunded' THEN amount_minor WHEN 'refund_failed' THEN -amount_minor ELSE 0 END) AS refunded,
SUM(CASE WHEN kind = 'authorized' THEN amount_minor ELSE 0 END) AS authorized,
SUM(CASE WHEN kind = 'voided' THEN 1 ELSE 0 END) AS voids FROM payment_event GROUP BY payment_id),
money AS (SELECT p.order_id, SUM(t.captured) AS received, SUM(t.refunded) AS given_back,
SUM(CASE WHEN t.captured = 0 AND t.voids = 0 THEN t.authorized ELSE 0 END) AS set_aside
FROM payment p JOIN told t ON t.payment_id = p.id GROUP BY p.order_id),
goods AS (SELECT order_id, SUM(ordered) AS ordered, SUM(canceled) AS canceled, SUM(fulfilled) AS fulfilled,
SUM(returned) AS returned FROM order_line GROUP BY order_id),
coming AS (SELECT DISTINCT order_id FROM goods_return WHERE status IN ('approved', 'received')),
facts AS (SELECT o.id, o.number, o.total_minor, o.confirmed_at, o.expired_at, o.status, o.payment_status,
o.fulfillment_status, o.total_minor - COALESCE(a.amount, 0) AS owed, COALESCE(m.received, 0) AS received,
COALESCE(m.given_back, 0) AS given_back, COALESCE(m.set_aside, 0) AS set_aside,
o.total_minor - COALESCE(a.amount, 0) - COALESCE(m.received, 0) + COALESCE(m.given_back, 0) AS balance,
g.ordered, g.canceled, g.fulfilled, g.returned, c.order_id AS returning_order
FROM sales_order o JOIN goods g ON g.order_id = o.id LEFT JOIN taken_off a ON a.order_id = o.id
LEFT JOIN money m ON m.order_id = o.id LEFT JOIN coming c ON c.order_id = o.id),
derived AS (SELECT facts.*,
CASE WHEN expired_at IS NOT NULL THEN 'expired' WHEN canceled = ordered THEN 'canceled'
WHEN confirmed_at IS NULL THEN 'pending_payment'
WHEN canceled + fulfilled = ordered AND balance = 0 AND returning_order IS NULL THEN 'completed'
ELSE 'open' END AS right_status,
CASE WHEN received = 0 AND owed = 0 THEN CASE WHEN total_minor = 0 THEN 'not_required' ELSE 'voided' END
WHEN given_back > 0 AND given_back >= received THEN 'refunded' WHEN balance < 0 THEN 'overpaid'
WHEN given_back > 0 THEN 'partially_refunded' WHEN balance = 0 THEN 'paid' WHEN received > 0 THEN 'partially_paid'
WHEN set_aside >= balance THEN 'authorized' ELSE 'unpaid' END AS right_payment,
CASE WHEN ordered = canceled THEN 'not_required' WHEN fulfilled > 0 AND returned >= fulfilled THEN 'returned'
WHEN returned > 0 THEN 'partially_returned' WHEN fulfilled >= ordered - canceled THEN 'fulfilled'
WHEN fulfilled > 0 THEN 'partially_fulfilled' ELSE 'unfulfilled' END AS right_fulfillment FROM facts) """

_O3 = checks(
    "sales_order",
    Rule("order", "its statuses do not follow from its facts", _FACTS + unequal("number, id", {
        "status": ("right_status", "status"),
        "payment": ("right_payment", "payment_status"),
        "fulfillment": ("right_fulfillment", "fulfillment_status"),
    }, "derived")),
    Rule("order", "it has no lines", """
        SELECT number, id, 'at least one line' AS expected, 0 AS found FROM sales_order o
        WHERE NOT EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = o.id)"""),
    Rule("order of cart", "the cart became more than one order", twice("cart_id", "sales_order"),
         quick=twice_among("cart_id", "sales_order", "id IN [orders]")),
    Rule("order of number", "the number was given out twice", twice("number", "sales_order"),
         quick=twice_among("number", "sales_order", "id IN [orders]")),
    within=ORDERS,
)  # fmt: skip

#: A kit's lines sum to its price, and each of its parts came with the same number of units to every kit.
_O4 = checks(
    "order_kit",
    Rule("order_kit", "the prices of its parts are not its own", """
        SELECT k.order_id, k.id, k.qty * k.unit_price_minor AS expected, COALESCE(l.amount, 0) AS found FROM order_kit k
        LEFT JOIN (SELECT kit_id, SUM(ordered * unit_price_minor) AS amount FROM order_line
        WHERE kit_id IS NOT NULL GROUP BY kit_id) l ON l.kit_id = k.id
        WHERE COALESCE(l.amount, -1) <> k.qty * k.unit_price_minor"""),
    Rule("order_kit", "the units of a part do not divide by its kits", """
        SELECT k.order_id, k.id, l.sku, 'a multiple of ' || CAST(k.qty AS TEXT) AS expected, SUM(l.ordered) AS found
        FROM order_kit k JOIN order_line l ON l.kit_id = k.id
        GROUP BY k.order_id, k.id, k.qty, l.sku HAVING SUM(l.ordered) % k.qty <> 0"""),
    Rule("order_line", "its kit is of another order", """
        SELECT l.id, k.order_id AS expected, l.order_id AS found FROM order_line l
        JOIN order_kit k ON k.id = l.kit_id WHERE k.order_id <> l.order_id"""),
    Rule("variant", "it is a kit without parts, or has parts and is none", """
        SELECT v.sku, v.is_kit AS expected, 'parts: ' || CAST(COUNT(p.part_id) AS TEXT) AS found FROM variant v
        LEFT JOIN kit_part p ON p.kit_id = v.id GROUP BY v.sku, v.is_kit
        HAVING v.is_kit <> (COUNT(p.part_id) > 0)""", within={}),
    Rule("variant", "a kit is a part of a kit", """
        SELECT v.sku, 'goods' AS expected, 'a kit' AS found FROM kit_part p JOIN variant v ON v.id = p.part_id
        WHERE v.is_kit""", within={}),
    Rule("stock_balance", "a kit has goods of its own", """
        SELECT v.sku, b.location_id, 0 AS expected, b.qty AS found FROM stock_balance b
        JOIN variant v ON v.id = b.variant_id WHERE v.is_kit AND b.is_owned AND b.qty <> 0""", within={}),
    within=ORDERS,
)  # fmt: skip

INVARIANTS = (
    Invariant("O1", "Parts sum to totals, and what is taken off is the share of its units.", _O1),
    Invariant("O2", "The counters of every order line equal the documents and moves behind them.", _O2),
    Invariant("O3", "A cart became at most one order, and its three statuses follow from its facts.", _O3),
    Invariant("O4", "The parts of a bought kit sum to its price; a kit has parts, and no goods of its own.", _O4),
)
