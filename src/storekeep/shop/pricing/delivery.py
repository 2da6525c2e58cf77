"""Delivery methods: which of them reach the buyer, and what each costs for these goods."""

from storekeep.shop.pricing.model import (
    Band,
    CountryRule,
    DeliveryMethod,
    DeliveryOption,
    PriceRules,
    QuoteProblem,
)


def price_of(method: DeliveryMethod, goods_minor: int, weight_g: int) -> tuple[int | None, str]:
    """The listed price of a method for goods of this value (after discount) and weight, or None and the
    reason.
    """
    if method.max_weight_g is not None and weight_g > method.max_weight_g:
        return None, f"The goods weigh {_kg(weight_g)}; this method takes up to {_kg(method.max_weight_g)}."
    if method.kind == "flat":
        amount: int | None = method.amount_minor
    elif method.kind == "weight_banded":
        amount = _band_amount(method.bands, weight_g)
        if amount is None:
            return None, f"There is no price for a weight of {_kg(weight_g)}."
    else:
        amount = _band_amount(method.bands, goods_minor)
        if amount is None:
            return None, "There is no price for goods of this value."
    if method.free_over_minor is not None and goods_minor >= method.free_over_minor:
        return 0, ""
    return amount, ""


def options_for(
    rules: PriceRules, country: CountryRule, goods_minor: int, weight_g: int
) -> tuple[DeliveryOption, ...]:
    """Every method of the country's zone, in the order of the settings, with its price or its reason."""
    options = []
    for method in rules.methods:
        if method.zone == country.zone:
            amount, reason = price_of(method, goods_minor, weight_g)
            options.append(DeliveryOption(method, amount, amount is not None, reason))
    return tuple(options)


def choose_method(
    rules: PriceRules, country: CountryRule, method_code: str, goods_minor: int, weight_g: int
) -> tuple[DeliveryMethod | None, int, QuoteProblem | None]:
    """The chosen method and its listed price, or the problem that asks for another choice."""
    method = rules.method_by_code.get(method_code)
    if method is None:
        text = "The chosen delivery method is no longer offered. Choose another one."
        return None, 0, QuoteProblem("method_stale", "fix", "method", text, {"method": method_code}, "choose_method")
    if method.zone != country.zone:
        return None, 0, _unavailable(method, "It does not go to this country.")
    amount, reason = price_of(method, goods_minor, weight_g)
    if amount is None:
        return None, 0, _unavailable(method, reason)
    return method, amount, None


def _band_amount(bands: tuple[Band, ...], measure: int) -> int | None:
    for band in bands:
        if band.up_to is None or measure <= band.up_to:
            return band.amount_minor
    return None


def _kg(weight_g: int) -> str:
    kilos, grams = divmod(weight_g, 1000)
    return f"{kilos}.{grams:03d}".rstrip("0").rstrip(".") + " kg"


def _unavailable(method: DeliveryMethod, reason: str) -> QuoteProblem:
    text = f"{method.label} cannot be used for this order. {reason}"
    data = {"method": method.code, "reason": reason}
    return QuoteProblem("method_unavailable", "fix", "method", text, data, "choose_method")
