"""Owns what a cart costs: listed prices, discount codes, delivery prices and tax, as pure functions over
frozen rules.

It never knows stock, orders or payments, and nothing computed here is computed again later: an order stores
the parts of its quote, and invoices, refunds and exports read them. The same request gives the same quote, to
the minor unit.
"""

from storekeep.shop.pricing.allocation import allocate_discount, refund_share
from storekeep.shop.pricing.codes import normalize_code
from storekeep.shop.pricing.coupons import NewCode, create_codes, redeem, return_uses, set_active
from storekeep.shop.pricing.model import (
    Band,
    CountryRule,
    DeliveryMethod,
    DeliveryOption,
    DiscountCode,
    Part,
    PartShare,
    PriceRules,
    Quote,
    QuoteLine,
    QuoteProblem,
    QuoteRequest,
    TaxRule,
    TaxTotal,
)
from storekeep.shop.pricing.quote import delivery_options, quote
from storekeep.shop.pricing.tax import add_tax, extract_tax, tax_totals

__all__ = [
    "Band",
    "CountryRule",
    "DeliveryMethod",
    "DeliveryOption",
    "DiscountCode",
    "NewCode",
    "Part",
    "PartShare",
    "PriceRules",
    "Quote",
    "QuoteLine",
    "QuoteProblem",
    "QuoteRequest",
    "TaxRule",
    "TaxTotal",
    "add_tax",
    "allocate_discount",
    "create_codes",
    "delivery_options",
    "extract_tax",
    "normalize_code",
    "quote",
    "redeem",
    "refund_share",
    "return_uses",
    "set_active",
    "tax_totals",
]
