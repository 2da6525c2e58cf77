"""The quote: what a cart costs, part by part, with everything that is in the way.

The order of work is listed prices, discount code, delivery, tax; each step writes amounts that the next one
reads. Nothing raises for what a shopper can do: a wrong code, a method that is gone, a country that is not
sold to and an impossible quantity are problems beside a quote that is computed as far as it makes sense.
"""

from storekeep.shop.pricing.allocation import allocate_discount
from storekeep.shop.pricing.codes import discount_on, judge_code
from storekeep.shop.pricing.delivery import choose_method, options_for
from storekeep.shop.pricing.model import (
    CountryRule,
    DeliveryOption,
    Part,
    PartKind,
    Quote,
    QuoteLine,
    QuoteProblem,
    QuoteRequest,
)
from storekeep.shop.pricing.tax import add_tax, extract_tax, rate_for


def quote(request: QuoteRequest) -> Quote:
    """Price a cart. Pure: the same request gives the same quote; totals do not depend on the order of the
    lines.

    Lines with a quantity below 1 get a problem and no part. Without a delivery method, or when it cannot be
    used, nothing is charged for shipping. To a country that is not sold to, only the listed prices are added
    up.
    """
    problems: list[QuoteProblem] = []
    country = _country(request, problems)
    lines = _usable_lines(request, problems)
    amounts = [(line.line_id, line.qty * line.unit_price_minor) for line in lines]
    goods = sum(amount for _, amount in amounts)
    weight = sum(line.qty * line.weight_g for line in lines)

    code, problem = judge_code(request, goods)
    if problem is not None:
        problems.append(problem)
    discount = discount_on(code, goods) if code is not None else 0
    discounts = allocate_discount(discount, amounts)

    builder = _PartBuilder(request, country, problems)
    for line, (line_id, amount), off in zip(lines, amounts, discounts, strict=True):
        builder.add("goods", line_id, line.qty, amount, off, line.tax_class)

    method, shipping = None, 0
    if country is not None and request.method_code is not None and lines:
        method, shipping, problem = choose_method(
            request.rules, country, request.method_code, goods - discount, weight
        )
        if problem is not None:
            problems.append(problem)
        if method is not None:
            builder.add("shipping", None, 1, shipping, 0, method.tax_class)

    return Quote(
        currency=request.currency,
        prices_include_tax=builder.inclusive,
        rounding="line",
        parts=tuple(builder.parts),
        goods_list_minor=goods,
        discount_minor=discount,
        shipping_minor=shipping,
        tax_minor=builder.tax_minor,
        total_minor=builder.total_minor,
        weight_g=weight,
        discount_code=code,
        method=method,
        problems=tuple(problems),
    )


def delivery_options(request: QuoteRequest) -> tuple[DeliveryOption, ...]:
    """What the buyer can choose from, with prices as listed; the method in the request plays no role.

    Methods of the country's zone that cannot take these goods are in the answer with the reason. Empty for a
    country that is not sold to.
    """
    problems: list[QuoteProblem] = []
    country = _country(request, problems)
    if country is None:
        return ()
    lines = _usable_lines(request, problems)
    goods = sum(line.qty * line.unit_price_minor for line in lines)
    code, _ = judge_code(request, goods)
    if code is not None:
        goods -= discount_on(code, goods)
    return options_for(request.rules, country, goods, sum(line.qty * line.weight_g for line in lines))


class _PartBuilder:
    """Adds the tax to each part as it comes and keeps the sums, so that totals are sums of parts by
    construction.
    """

    __slots__ = ("country", "inclusive", "parts", "problems", "request", "tax_minor", "total_minor")

    def __init__(
        self, request: QuoteRequest, country: CountryRule | None, problems: list[QuoteProblem]
    ) -> None:
        self.request = request
        self.country = country
        self.inclusive = country is not None and country.prices_include_tax
        self.problems = problems
        self.parts: list[Part] = []
        self.tax_minor = 0
        self.total_minor = 0

    def add(
        self, kind: PartKind, line_id: str | None, qty: int, listed: int, discount: int, tax_class: str
    ) -> None:
        rate_bp, label = self._rate(tax_class)
        charged = listed - discount
        if self.inclusive:
            tax = extract_tax(charged, rate_bp)
            net, gross = charged - tax, charged
        else:
            tax = add_tax(charged, rate_bp)
            net, gross = charged, charged + tax
        self.tax_minor += tax
        self.total_minor += gross
        # by position, in the order of the fields: this is the hottest constructor of placing an order
        self.parts.append(
            Part(kind, line_id, qty, listed, discount, net, tax, gross, tax_class, rate_bp, label)
        )

    def _rate(self, tax_class: str) -> tuple[int, str]:
        if self.country is None:
            return 0, ""
        rule = rate_for(self.request.rules, self.country.country, tax_class)
        if rule is not None:
            return rule.rate_bp, rule.label
        problem = QuoteProblem(
            "tax_unknown",
            "stop",
            "country",
            f"The shop has no tax rate for {tax_class} goods in this country, so it cannot sell them there.",
            {"country": self.country.country, "tax_class": tax_class},
            "contact_shop",
        )
        if problem not in self.problems:
            self.problems.append(problem)
        return 0, ""


def _country(request: QuoteRequest, problems: list[QuoteProblem]) -> CountryRule | None:
    rule = request.rules.country_by_code.get(request.country)
    if rule is not None and rule.currency == request.currency:
        return rule
    if rule is None:
        text = "The shop does not deliver to this country. Choose another address."
        reason = "country"
    else:
        text = f"Orders to this country are in {rule.currency}, but these prices are in {request.currency}."
        reason = "currency"
    data = {"country": request.country, "currency": request.currency, "reason": reason}
    problems.append(QuoteProblem("address_undeliverable", "fix", "country", text, data, "change_address"))
    return None


def _usable_lines(request: QuoteRequest, problems: list[QuoteProblem]) -> list[QuoteLine]:
    """The lines with at least one unit; a line above the limit is priced, so that the buyer sees what it
    would cost.
    """
    usable = []
    limit = request.quantity_limit
    for line in request.lines:
        qty = line.qty
        if qty > limit:
            text = f"{line.title}: at most {limit} can be ordered at once, not {qty}."
            problems.append(_quantity_problem("quantity_over_limit", line, text, limit, "reduce_quantity"))
        if qty >= 1:
            usable.append(line)
        else:
            text = f"{line.title}: the quantity must be at least 1, not {qty}."
            problems.append(_quantity_problem("quantity_invalid", line, text, limit, "change_quantity"))
    return usable


def _quantity_problem(code: str, line: QuoteLine, text: str, limit: int, action: str) -> QuoteProblem:
    data = {"line_id": line.line_id, "sku": line.sku, "qty": line.qty, "limit": limit}
    return QuoteProblem(code, "fix", f"lines.{line.line_id}.qty", text, data, action)
