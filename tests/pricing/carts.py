"""A small price list for the tests, and Hypothesis strategies for carts that go through it."""

from dataclasses import replace

from hypothesis import strategies as st

from storekeep.shop.pricing import (
    Band,
    CountryRule,
    DeliveryMethod,
    DiscountCode,
    PriceRules,
    QuoteLine,
    QuoteRequest,
    TaxRule,
)

NOW = 1_790_000_000_000_000

FLAT = DeliveryMethod(
    "flat", "Standard delivery", "home", "flat", 490, (), 10_000, "standard", 2, 3, 30_000
)
BY_WEIGHT = DeliveryMethod(
    "weight", "By weight", "home", "weight_banded", 0, (Band(1000, 390), Band(5000, 690)), None, "reduced", 1, 2, None
)
BY_VALUE = replace(FLAT, code="value", kind="value_banded", bands=(Band(5000, 590), Band(None, 290)),
                   free_over_minor=None, max_weight_g=None)  # fmt: skip
ABROAD = replace(FLAT, code="abroad", label="Parcel abroad", zone="abroad", amount_minor=1900)

RULES = PriceRules(
    countries=(
        CountryRule("AT", "EUR", True, "home"),
        CountryRule("US", "EUR", False, "abroad"),
        CountryRule("NO", "EUR", False, "abroad"),
        CountryRule("CH", "CHF", True, "abroad"),
    ),
    tax_rules=(
        TaxRule("AT", "standard", 2000, "VAT 20 %"),
        TaxRule("AT", "reduced", 1000, "VAT 10 %"),
        TaxRule("AT", "zero", 0, "VAT 0 %"),
        TaxRule("US", "standard", 825, "Sales tax"),
        TaxRule("US", "reduced", 0, "Sales tax"),
        TaxRule("US", "zero", 0, "Sales tax"),
    ),
    methods=(FLAT, BY_WEIGHT, BY_VALUE, ABROAD),
)
"""AT includes tax, US adds it, NO is an export without tax, CH is priced in another currency."""


def line(qty: int = 1, price: int = 1000, *, id: str = "line-1", tax: str = "standard", g: int = 0) -> QuoteLine:
    return QuoteLine(id, f"variant-{id}", f"SKU-{id}", "Mug", qty, price, tax, g)


def discount(percent_bp: int = 2500, **changes: object) -> DiscountCode:
    code = DiscountCode("d-1", "SPRING", percent_bp, 0, None, None, None, 0, True)
    return replace(code, **changes)  # type: ignore[arg-type]


def request(*lines: QuoteLine, **changes: object) -> QuoteRequest:
    plain = QuoteRequest("EUR", "AT", lines, None, None, NOW, RULES)
    return replace(plain, **changes)  # type: ignore[arg-type]


@st.composite
def carts(draw: st.DrawFn) -> QuoteRequest:
    """Any cart that can be placed: 1 to 8 lines, with or without a code, in each kind of country."""
    count = draw(st.integers(1, 8))
    lines = tuple(
        line(
            draw(st.integers(1, 40)),
            draw(st.integers(0, 30_000)),
            id=f"line-{at}",
            tax=draw(st.sampled_from(["standard", "reduced", "zero"])),
            g=draw(st.integers(0, 50)),
        )
        for at in range(count)
    )
    country = draw(st.sampled_from(["AT", "US", "NO"]))
    method = draw(st.sampled_from([None, "flat", "value"] if country == "AT" else [None, "abroad"]))
    code = discount(draw(st.integers(0, 10_000)))
    typed = draw(st.sampled_from([None, "spring"]))
    return request(*lines, country=country, method_code=method, code=typed, discounts=(code,))
