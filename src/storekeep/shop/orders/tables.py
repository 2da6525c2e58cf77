"""Carts and orders. A cart is a wish; an order is a record that copies the cart once and asks no one afterwards."""

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint
from sqlalchemy import text as sql_text

from storekeep.kernel.schema import append_only, at, flag, id_column, integer, metadata, ref, text

_OPEN_WAIT = sql_text("ended_at IS NULL")

cart = Table(
    "cart",
    metadata,
    id_column(),
    text("token_hash", unique=True),
    text("currency"),
    text("country"),
    text("email"),
    #: JSON of the delivery address as typed so far, {} when nothing was typed
    text("ship_to"),
    text("delivery_code", nullable=True),
    text("discount_code", nullable=True),
    integer("version"),
    integer("seen_total_minor", nullable=True),
    at("price_locked_until", nullable=True),
    at("created_at"),
    at("updated_at"),
    Index("ix_cart_updated", "updated_at"),
)

cart_line = Table(
    "cart_line",
    metadata,
    id_column(),
    ref("cart_id", "cart.id"),
    ref("variant_id", "variant.id"),
    integer("qty"),
    #: The price the buyer saw, and until when it is honoured
    integer("unit_price_minor"),
    at("price_locked_until"),
    integer("position"),
    UniqueConstraint("cart_id", "variant_id"),
    CheckConstraint("qty > 0 AND qty <= 1000000", name="qty"),
)

#: "order" is a reserved word; everywhere else this is simply the order.
sales_order = Table(
    "sales_order",
    metadata,
    id_column(),
    integer("number", unique=True),
    id_column("cart_id", unique=True),
    id_column("customer_id", nullable=True),
    text("channel"),
    text("email"),
    text("name"),
    text("ship_to"),
    text("country"),
    text("currency"),
    flag("prices_include_tax"),
    text("tax_rounding"),
    text("delivery_code"),
    text("delivery_label"),
    text("promised_on", nullable=True),
    text("discount_code", nullable=True),
    text("tender"),
    integer("version"),
    integer("goods_minor"),
    integer("discount_minor"),
    integer("shipping_minor"),
    integer("tax_minor"),
    integer("total_minor"),
    #: Caches: owed = total - adjustments; received and given_back are sums of ledger postings
    integer("owed_minor"),
    integer("received_minor"),
    integer("given_back_minor"),
    integer("authorized_minor"),
    text("status"),
    text("payment_status"),
    text("fulfillment_status"),
    at("placed_at"),
    at("confirmed_at", nullable=True),
    at("expires_at", nullable=True),
    at("expired_at", nullable=True),
    at("updated_at"),
    CheckConstraint("status IN ('pending_payment', 'open', 'completed', 'canceled', 'expired')", name="status"),
    CheckConstraint(
        "payment_status IN ('not_required', 'unpaid', 'authorized', 'partially_paid', 'paid', 'overpaid', "
        "'partially_refunded', 'refunded', 'voided')",
        name="payment_status",
    ),
    CheckConstraint(
        "fulfillment_status IN ('not_required', 'unfulfilled', 'partially_fulfilled', 'fulfilled', "
        "'partially_returned', 'returned')",
        name="fulfillment_status",
    ),
    CheckConstraint("total_minor >= 0 AND owed_minor >= 0 AND received_minor >= 0", name="money"),
    Index("ix_sales_order_status", "status", "placed_at"),
    Index("ix_sales_order_placed", "placed_at", "id"),
    Index("ix_sales_order_email", "email"),
    Index("ix_sales_order_customer", "customer_id"),
)

#: A kit as it was bought. What it consisted of then are the order lines that name it; their prices sum to its own.
order_kit = Table(
    "order_kit",
    metadata,
    id_column(),
    ref("order_id", "sales_order.id"),
    integer("position"),
    ref("variant_id", "variant.id"),
    text("sku"),
    text("title"),
    text("option_label"),
    integer("qty"),
    integer("unit_price_minor"),
    UniqueConstraint("order_id", "position"),
    CheckConstraint("qty > 0 AND unit_price_minor >= 0", name="positive"),
)

order_line = Table(
    "order_line",
    metadata,
    id_column(),
    ref("order_id", "sales_order.id"),
    integer("position"),
    ref("variant_id", "variant.id"),
    text("sku"),
    text("title"),
    text("option_label"),
    integer("unit_price_minor"),
    integer("weight_g"),
    integer("ordered"),
    integer("canceled"),
    integer("fulfilled"),
    integer("returned"),
    integer("refunded"),
    integer("replaced"),
    #: The kit that it was bought with
    ref("kit_id", "order_kit.id", nullable=True),
    UniqueConstraint("order_id", "position"),
    CheckConstraint("ordered > 0 AND canceled >= 0 AND fulfilled >= 0 AND returned >= 0", name="positive"),
    CheckConstraint("canceled + fulfilled <= ordered", name="units"),
    CheckConstraint("returned <= fulfilled + replaced", name="returned"),
    CheckConstraint("refunded >= 0 AND replaced >= 0 AND refunded + replaced <= fulfilled", name="remedied"),
    Index("ix_order_line_variant", "variant_id"),
)

#: An order whose parcel cannot be begun yet: goods of it are still to come, or it is not to be sent before a day.
order_wait = Table(
    "order_wait",
    metadata,
    ref("order_id", "sales_order.id", primary_key=True),
    #: The day on which all of it is expected to be ready to send, as it was told last.
    text("ready_on"),
    #: As it was told first, at the checkout.
    text("first_ready_on"),
    at("since"),
    at("ended_at", nullable=True),
    text("outcome", nullable=True),
    CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended"),
    CheckConstraint("outcome IN ('started', 'dropped')", name="outcome"),
    Index("ix_order_wait_open", "ready_on", sqlite_where=_OPEN_WAIT, postgresql_where=_OPEN_WAIT),
)

#: One row per money part of an order: the goods of a line, or the delivery. Everything an order ever shows is a sum
#: of these, or of a share of one by F(k) = round_half_up(amount * k / units).
order_part = Table(
    "order_part",
    metadata,
    id_column(),
    ref("order_id", "sales_order.id"),
    ref("order_line_id", "order_line.id", nullable=True),
    text("kind"),
    integer("units"),
    integer("list_minor"),
    integer("discount_minor"),
    #: The discount without its tax share, for the ledger
    integer("discount_net_minor"),
    integer("net_minor"),
    integer("tax_minor"),
    integer("gross_minor"),
    text("tax_class"),
    integer("rate_bp"),
    text("tax_label"),
    CheckConstraint("kind IN ('goods', 'shipping')", name="kind"),
    CheckConstraint("net_minor + tax_minor = gross_minor", name="sum"),
    CheckConstraint("net_minor >= 0 AND tax_minor >= 0 AND discount_net_minor >= 0", name="positive"),
    Index("ix_order_part_order", "order_id"),
)

order_adjustment = append_only(
    Table(
        "order_adjustment",
        metadata,
        id_column(),
        ref("order_id", "sales_order.id"),
        text("kind"),
        text("reason"),
        text("command_id", unique=True),
        integer("gross_minor"),
        text("actor"),
        at("made_at"),
        CheckConstraint("kind IN ('cancellation', 'return', 'price_adjustment', 'compensation')", name="kind"),
        CheckConstraint("gross_minor >= 0", name="amount"),
        Index("ix_order_adjustment_order", "order_id"),
    )
)

order_adjustment_line = append_only(
    Table(
        "order_adjustment_line",
        metadata,
        id_column(),
        ref("adjustment_id", "order_adjustment.id"),
        ref("part_id", "order_part.id", nullable=True),
        integer("units"),
        integer("net_minor"),
        integer("tax_minor"),
        integer("gross_minor"),
        integer("discount_net_minor"),
        #: True when the units had left the warehouse, so that revenue is taken back and not a deposit
        flag("was_shipped"),
        CheckConstraint("net_minor + tax_minor = gross_minor", name="sum"),
        Index("ix_order_adjustment_line_adjustment", "adjustment_id"),
        Index("ix_order_adjustment_line_part", "part_id"),
    )
)

order_event = append_only(
    Table(
        "order_event",
        metadata,
        id_column(),
        ref("order_id", "sales_order.id"),
        text("kind"),
        text("text"),
        text("actor"),
        at("happened_at"),
        text("data"),
        Index("ix_order_event_order", "order_id", "id"),
    )
)
