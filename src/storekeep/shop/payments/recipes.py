"""How each event is posted: the recipes of the money ledger, as pure functions that build entries.

Amounts are minor units and never negative here; the recipe knows the sides. docs/ledger.md lists the pairs.
"""

from collections.abc import Mapping

from storekeep.shop.payments import accounts as a
from storekeep.shop.payments.ledger import EntryDraft, PostingDraft, draft


def captured(
    payment_id: str, order_id: str, key: str, amount: int, currency: str, open_receivable: int, *, cash_account: str
) -> EntryDraft | None:
    """Money came in: it first settles what the order still owes for shipped goods, the rest is a deposit."""
    settles = min(amount, max(0, open_receivable))
    return draft(
        "payment.captured",
        ("payment", payment_id),
        key,
        currency,
        (
            PostingDraft(cash_account, amount, order_id, payment_id),
            PostingDraft(a.RECEIVABLE, -settles, order_id, payment_id),
            PostingDraft(a.DEPOSITS, -(amount - settles), order_id, payment_id),
        ),
    )


def shipped(
    order_id: str,
    source_id: str,
    key: str,
    currency: str,
    *,
    goods_list: int,
    discount: int,
    shipping: int,
    taxes: Mapping[str, int],
    deposit: int,
) -> EntryDraft | None:
    """Goods left: revenue at list price, discount, shipping income and tax, against the deposit and then a receivable.

    All amounts are without tax but `taxes`, which maps a label to its amount; `deposit` is what the order holds there.
    """
    total = goods_list - discount + shipping + sum(taxes.values())
    used = min(total, max(0, deposit))
    return draft(
        "order.shipped",
        ("fulfillment", source_id),
        key,
        currency,
        (
            PostingDraft(a.DEPOSITS, used, order_id),
            PostingDraft(a.RECEIVABLE, total - used, order_id),
            PostingDraft(a.DISCOUNTS, discount, order_id),
            PostingDraft(a.SALES, -goods_list, order_id),
            PostingDraft(a.SHIPPING_INCOME, -shipping, order_id),
            *(PostingDraft(a.SALES_TAX, -amount, order_id, detail=label) for label, amount in sorted(taxes.items())),
        ),
    )


def taken_back(
    order_id: str,
    source_id: str,
    key: str,
    currency: str,
    *,
    goods_list: int,
    discount: int,
    shipping: int,
    taxes: Mapping[str, int],
    receivable: int,
) -> EntryDraft | None:
    """Revenue of shipped goods given up: first what is still owed (1100) falls, the rest is to be paid back (2400)."""
    total = goods_list - discount + shipping + sum(taxes.values())
    forgiven = min(total, max(0, receivable))
    return draft(
        "order.taken_back",
        ("adjustment", source_id),
        key,
        currency,
        (
            PostingDraft(a.RETURNS, goods_list, order_id),
            PostingDraft(a.SHIPPING_INCOME, shipping, order_id),
            PostingDraft(a.DISCOUNTS, -discount, order_id),
            *(PostingDraft(a.SALES_TAX, amount, order_id, detail=label) for label, amount in sorted(taxes.items())),
            PostingDraft(a.RECEIVABLE, -forgiven, order_id),
            PostingDraft(a.REFUNDS_PAYABLE, -(total - forgiven), order_id),
        ),
    )


def deposit_returned(order_id: str, source_id: str, key: str, amount: int, currency: str) -> EntryDraft | None:
    """Money held for goods that will not be shipped is to be paid back."""
    return draft(
        "order.deposit_returned",
        ("adjustment", source_id),
        key,
        currency,
        (PostingDraft(a.DEPOSITS, amount, order_id), PostingDraft(a.REFUNDS_PAYABLE, -amount, order_id)),
    )


def refunded(
    payment_id: str, order_id: str, refund_id: str, key: str, amount: int, currency: str, *, cash_account: str
) -> EntryDraft | None:
    """A refund reached the customer's bank."""
    return draft(
        "refund.succeeded",
        ("refund", refund_id),
        key,
        currency,
        (
            PostingDraft(a.REFUNDS_PAYABLE, amount, order_id, payment_id),
            PostingDraft(cash_account, -amount, order_id, payment_id),
        ),
    )


def refund_failed(
    payment_id: str, order_id: str, refund_id: str, key: str, amount: int, currency: str, *, cash_account: str
) -> EntryDraft | None:
    """A refund that had succeeded came back: we owe it again."""
    return draft(
        "refund.failed",
        ("refund", refund_id),
        key,
        currency,
        (
            PostingDraft(cash_account, amount, order_id, payment_id),
            PostingDraft(a.REFUNDS_PAYABLE, -amount, order_id, payment_id),
        ),
    )


def goods_received(source_id: str, key: str, value: int, currency: str) -> EntryDraft | None:
    """Goods came in from a supplier; the invoice is still to come."""
    return _pair("goods.received", ("receipt", source_id), key, currency, a.INVENTORY, a.RECEIVED_NOT_INVOICED, value)


def goods_adjusted(source_id: str, key: str, delta_value: int, currency: str) -> EntryDraft | None:
    """A count or a loss changed what is on hand: positive when more was found, negative when less."""
    kind, source = "goods.adjusted", ("adjustment", source_id)
    return _pair(kind, source, key, currency, a.INVENTORY, a.INVENTORY_ADJUSTMENTS, delta_value)


def cost_of_shipment(order_id: str, source_id: str, key: str, value: int, currency: str) -> EntryDraft | None:
    """The cost of goods that left, taken from the inventory."""
    source = ("fulfillment", source_id)
    return _pair("goods.shipped", source, key, currency, a.COST_OF_GOODS, a.INVENTORY, value, order_id)


def cost_returned(order_id: str | None, source_id: str, key: str, value: int, currency: str) -> EntryDraft | None:
    """Goods came back at the cost they left with."""
    source = ("return", source_id)
    return _pair("goods.returned", source, key, currency, a.INVENTORY, a.COST_OF_GOODS, value, order_id)


def scrapped(source_id: str, key: str, value: int, currency: str) -> EntryDraft | None:
    """Goods were thrown away."""
    source = ("scrap", source_id)
    return _pair("goods.scrapped", source, key, currency, a.INVENTORY_ADJUSTMENTS, a.INVENTORY, value)


def invoice_matched(
    invoice_id: str, key: str, currency: str, *, received: int, total: int, note: str = ""
) -> EntryDraft | None:
    """A supplier's invoice agrees with what came, booked in at `received`: what it costs more or less is variance."""
    sides = (
        PostingDraft(a.RECEIVED_NOT_INVOICED, received),
        PostingDraft(a.PURCHASE_VARIANCE, total - received),
        PostingDraft(a.PAYABLES, -total),
    )
    return draft("invoice.matched", ("supplier_invoice", invoice_id), key, currency, sides, note)


def sent_back(
    return_id: str, key: str, currency: str, *, cost: int, not_invoiced: int, payable: int, note: str = ""
) -> EntryDraft | None:
    """Goods went back to their supplier: out at what they cost, against what they came in at; the rest is variance.

    `not_invoiced` of what they came in at was not charged yet; `payable` was, and the supplier owes it to us.
    """
    sides = (
        PostingDraft(a.RECEIVED_NOT_INVOICED, not_invoiced),
        PostingDraft(a.PAYABLES, payable),
        PostingDraft(a.PURCHASE_VARIANCE, cost - not_invoiced - payable),
        PostingDraft(a.INVENTORY, -cost),
    )
    return draft("goods.sent_back", ("supplier_return", return_id), key, currency, sides, note)


def cost_landed(
    landed_id: str, key: str, currency: str, *, stock: int, sold: int, lost: int, sent_back: int, note: str = ""
) -> EntryDraft | None:
    """Freight, duty and the like for goods that came before: onto those still here, and after those that are not."""
    sides = (
        PostingDraft(a.INVENTORY, stock),
        PostingDraft(a.COST_OF_GOODS, sold),
        PostingDraft(a.INVENTORY_ADJUSTMENTS, lost),
        PostingDraft(a.PURCHASE_VARIANCE, sent_back),
        PostingDraft(a.PAYABLES, -(stock + sold + lost + sent_back)),
    )
    return draft("cost.landed", ("landed_cost", landed_id), key, currency, sides, note)


def label_bought(order_id: str, shipment_id: str, key: str, cost: int, currency: str) -> EntryDraft | None:
    """A label was bought from a carrier, to be paid on its invoice."""
    source = ("shipment", shipment_id)
    return _pair("label.bought", source, key, currency, a.CARRIER_COST, a.PAYABLES, cost, order_id)


def manual_credit(credit_id: str, key: str, amount: int, currency: str, note: str = "") -> EntryDraft | None:
    """Money given back from the bank outside any charge: an allowance, paid out."""
    sides = (PostingDraft(a.RETURNS, amount), PostingDraft(a.BANK, -amount))
    return draft("credit.manual", ("credit", credit_id), key, currency, sides, note)


def _pair(
    kind: str,
    source: tuple[str, str],
    key: str,
    currency: str,
    debit: str,
    credit: str,
    amount: int,
    order_id: str | None = None,
) -> EntryDraft | None:
    sides = (PostingDraft(debit, amount, order_id), PostingDraft(credit, -amount, order_id))
    return draft(kind, source, key, currency, sides)


def charged_apart(
    charge_id: str, key: str, account: str, amount: int, currency: str, label: str, note: str = ""
) -> EntryDraft | None:
    """Money beside any order, straight through the bank: income of `account` when positive, paid out when negative."""
    sides = (PostingDraft(a.BANK, amount), PostingDraft(account, -amount, detail=label))
    return draft("charge.apart", ("charge", charge_id), key, currency, sides, note)
