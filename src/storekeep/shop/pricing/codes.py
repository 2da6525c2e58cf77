"""Discount codes: finding the one that was typed, judging it, and the amount it takes off.

A code that does not count is a problem with a reason, never an exception; the quote goes on without the
discount.
"""

import unicodedata

from storekeep.kernel.money import divide_half_up, format_plain
from storekeep.shop.pricing.model import DiscountCode, QuoteProblem, QuoteRequest, Severity


def normalize_code(text: str) -> str:
    """The form in which codes are compared: without case, blanks and typographic variants ("Spring 10" =
    "SPRING10").
    """
    if text.isascii():
        return "".join(text.split()).upper()
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def discount_on(discount: DiscountCode, goods_minor: int) -> int:
    """What a code takes off goods of this listed amount: its percentage of the sum, half up."""
    return divide_half_up(goods_minor * discount.percent_bp, 10_000)


def judge_code(request: QuoteRequest, goods_minor: int) -> tuple[DiscountCode | None, QuoteProblem | None]:
    """The discount code that counts for this request, or the problem that says why the typed one does not.

    Without a typed code both are None. Which reason is given when several hold: unknown or switched off, not
    started, over, used up, and last the value of the goods, because that is the one a buyer can change.
    """
    typed = normalize_code(request.code) if request.code else ""
    if not typed:
        return None, None
    found = next((one for one in request.discounts if normalize_code(one.code) == typed), None)
    if found is None or not found.is_active:
        return None, _problem("coupon_invalid", "fix", typed, "is not known here. Check the spelling.")
    if found.starts_at is not None and request.now < found.starts_at:
        return None, _problem("coupon_invalid", "fix", typed, "is not valid yet.", starts_at=found.starts_at)
    if found.ends_at is not None and request.now >= found.ends_at:
        return None, _problem("coupon_expired", "ask_buyer", typed, "has expired.", ends_at=found.ends_at)
    if found.max_uses is not None and found.used_count >= found.max_uses:
        return None, _problem(
            "coupon_used", "ask_buyer", typed, "has been used as often as it can be.", max_uses=found.max_uses
        )
    if goods_minor < found.min_goods_minor:
        return None, _too_little(request, found, typed, goods_minor)
    return found, None


def _too_little(request: QuoteRequest, found: DiscountCode, typed: str, goods_minor: int) -> QuoteProblem:
    short = found.min_goods_minor - goods_minor
    distance = (
        f"{format_plain(short, request.currency)} short of "
        f"{format_plain(found.min_goods_minor, request.currency)}"
    )
    return _problem(
        "coupon_not_eligible",
        "ask_buyer",
        typed,
        f"does not apply yet: the goods are {distance} {request.currency}.",
        action="add_goods",
        min_goods_minor=found.min_goods_minor,
        goods_minor=goods_minor,
        short_minor=short,
        currency=request.currency,
    )


def _problem(
    code: str, severity: Severity, typed: str, text: str, *, action: str = "remove_code", **facts: object
) -> QuoteProblem:
    return QuoteProblem(code, severity, "code", f"The code {typed} {text}", {"code": typed, **facts}, action)
