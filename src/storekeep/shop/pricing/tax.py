"""Tax on one amount, and which rate applies.

Tax is rounded once per part, half up; the other side is a subtraction, so net + tax = gross whatever the
rate. A country without any tax rule is one the shop does not collect tax for (an export); a country that has
rules but none for the class at hand is a gap in the settings, which `rate_for` reports as None rather than as
0 %.
"""

from collections.abc import Iterable

from storekeep.shop.pricing.model import Part, PriceRules, TaxRule, TaxTotal


def rate_for(rules: PriceRules, country: str, tax_class: str) -> TaxRule | None:
    """The tax rule of a class in a country; 0 % without a label where no tax is collected; None for a gap."""
    rule = rules.tax_by_key.get((country, tax_class))
    if rule is not None:
        return rule
    if country in rules.taxed_countries:
        return None
    return TaxRule(country, tax_class, 0, "")


def extract_tax(gross_minor: int, rate_bp: int) -> int:
    """The tax within an amount that includes it: gross * r / (1 + r), half up. For amounts of 0 and more."""
    whole = 10_000 + rate_bp
    return (2 * gross_minor * rate_bp + whole) // (2 * whole)


def add_tax(net_minor: int, rate_bp: int) -> int:
    """The tax on top of an amount that lacks it: net * r, half up. For amounts of 0 and more."""
    return (net_minor * rate_bp + 5_000) // 10_000


def tax_totals(parts: Iterable[Part]) -> tuple[TaxTotal, ...]:
    """Net and tax per label and rate, highest rate first: sums of the stored parts, never computed anew."""
    sums: dict[tuple[int, str], tuple[int, int]] = {}
    for part in parts:
        key = (part.rate_bp, part.tax_label)
        net, tax = sums.get(key, (0, 0))
        sums[key] = (net + part.net_minor, tax + part.tax_minor)
    ordered = sorted(sums.items(), key=lambda item: (-item[0][0], item[0][1]))
    return tuple(TaxTotal(label, rate_bp, net, tax) for (rate_bp, label), (net, tax) in ordered)
