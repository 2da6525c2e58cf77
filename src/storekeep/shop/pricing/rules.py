"""The shop's price rules: read as one frozen bundle, and set as whole lists by the owner's settings pages.

Each setting verb takes the list as it should be, checks all of it, writes it in place of the old one, and audits both.
The revision of the scope `pricing` moves with every change, so that a process may keep the bundle and ask only that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Table, delete, select

from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Problem
from storekeep.kernel.jsontext import dump
from storekeep.kernel.jsontext import load as load_json
from storekeep.shop import catalog, site
from storekeep.shop.catalog import InvalidFields
from storekeep.shop.pricing.model import Band, CountryRule, DeliveryMethod, PriceRules, TaxRule
from storekeep.shop.pricing.tables import delivery_method, sales_country, tax_rate

SCOPE = "pricing"
TAX_CLASSES = ("standard", "reduced", "zero")
KINDS = ("flat", "weight_banded", "value_banded")
_LARGEST = 10**9


@dataclass(frozen=True, slots=True)
class PriceBook:
    """All rules that hold now, with the names of the countries sold to, and the revision they were read at."""

    revision: int
    currency: str
    rules: PriceRules
    country_names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CountrySetting:
    """A country to sell to: ISO code, name, on which side its prices are, and its delivery zone."""

    country: str
    name: str
    prices_include_tax: bool
    zone: str
    is_active: bool = True


def load(tx: Tx) -> PriceBook:
    """The active countries, all tax rates and the active delivery methods as one bundle. Five small queries."""
    currency = site.load(tx).currency
    countries = tx.rows(select(sales_country).where(sales_country.c.is_active).order_by(sales_country.c.name))
    taxes = tx.rows(select(tax_rate).order_by(tax_rate.c.country, tax_rate.c.tax_class))
    methods = delivery_methods(tx, also_inactive=False)
    rules = PriceRules(
        countries=tuple(CountryRule(row.country, currency, row.prices_include_tax, row.zone) for row in countries),
        tax_rules=tuple(TaxRule(row.country, row.tax_class, row.rate_bp, row.label) for row in taxes),
        methods=tuple(methods),
    )
    names = {row.country: row.name for row in countries}
    return PriceBook(catalog.revision(tx, SCOPE), currency, rules, names)


#: The last book read from each database of this process.
_kept: WeakKeyDictionary[Engine, PriceBook] = WeakKeyDictionary()


def kept(tx: Tx, currency: str) -> PriceBook:
    """The same as `load`, from memory while the revision and the shop's currency stand: one indexed read.

    Not for a transaction that has changed the rules itself: if it were rolled back, others would keep its book.
    """
    book = _kept.get(tx.conn.engine)
    if book is None or (book.revision, book.currency) != (revision(tx), currency):
        book = load(tx)
        _kept[tx.conn.engine] = book
    return book


def revision(tx: Tx) -> int:
    """The revision of the rules; a bundle of another revision is stale. One indexed read."""
    return catalog.revision(tx, SCOPE)


def delivery_methods(tx: Tx, *, also_inactive: bool = True) -> list[DeliveryMethod]:
    """The delivery methods in their order."""
    query = select(delivery_method).order_by(delivery_method.c.position, delivery_method.c.code)
    if not also_inactive:
        query = query.where(delivery_method.c.is_active)
    return [_method(row) for row in tx.rows(query)]


def set_countries(tx: Tx, countries: Sequence[CountrySetting]) -> None:
    """Sell to these countries. Raises `InvalidFields` at paths like `0.country`."""
    problems: list[Problem] = []
    for at, one in enumerate(countries):
        if not _is_country(one.country):
            problems.append(_bad(f"{at}.country", "A country is two capital letters, like AT."))
        problems += _text(f"{at}.name", one.name, "the name of the country")
        problems += _text(f"{at}.zone", one.zone, "the delivery zone")
    problems += _twice([one.country for one in countries], "country", "country")
    _replace(tx, sales_country, [asdict(one) for one in countries], problems, "pricing.countries")


def set_taxes(tx: Tx, taxes: Sequence[TaxRule]) -> None:
    """Collect these taxes; a country without any is one the shop collects none for.

    Raises `InvalidFields` at paths like `0.rate_bp`, also for a country with rates for some classes only.
    """
    problems: list[Problem] = []
    for at, one in enumerate(taxes):
        if not _is_country(one.country):
            problems.append(_bad(f"{at}.country", "A country is two capital letters, like AT."))
        if one.tax_class not in TAX_CLASSES:
            problems.append(_bad(f"{at}.tax_class", f"The tax class is one of {', '.join(TAX_CLASSES)}."))
        problems += _number(f"{at}.rate_bp", one.rate_bp, "rate", 10_000)
        problems += _text(f"{at}.label", one.label, "the label")
    problems += _twice([f"{one.country} {one.tax_class}" for one in taxes], "tax_class", "tax rate")
    for country in sorted({one.country for one in taxes}):
        lacking = set(TAX_CLASSES) - {one.tax_class for one in taxes if one.country == country}
        if lacking:
            at = next(at for at, one in enumerate(taxes) if one.country == country)
            problems.append(_bad(f"{at}.tax_class", f"{country} lacks a rate for {', '.join(sorted(lacking))} goods."))
    _replace(tx, tax_rate, [asdict(one) for one in taxes], problems, "pricing.taxes")


def set_delivery_methods(tx: Tx, methods: Sequence[DeliveryMethod], inactive: Sequence[str] = ()) -> None:
    """Offer these delivery methods in this order, those whose code is in `inactive` to nobody for now.

    Raises `InvalidFields` at paths like `0.bands`.
    """
    problems = [problem for at, one in enumerate(methods) for problem in _check_method(str(at), one)]
    problems += _twice([one.code for one in methods], "code", "delivery method")
    rows = [
        {
            **asdict(one),
            "id": tx.new_id(),
            "bands": dump([[band.up_to, band.amount_minor] for band in one.bands]),
            "position": at,
            "is_active": one.code not in inactive,
        }
        for at, one in enumerate(methods)
    ]
    _replace(tx, delivery_method, rows, problems, "pricing.delivery")


def _replace(tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]], problems: Sequence[Problem], action: str) -> None:
    if problems:
        raise InvalidFields(problems)
    before = [_comparable(row._asdict()) for row in tx.rows(select(table))]
    after = [_comparable(row) for row in rows]
    if sorted(before, key=dump) == sorted(after, key=dump):
        return
    tx.run(delete(table))
    tx.insert_many(table, rows)
    audit.record(tx, [audit.Entry(action, "setting", table.name, before, after)])
    catalog.bump(tx, SCOPE)


def _comparable(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


def _method(row: Any) -> DeliveryMethod:
    return DeliveryMethod(
        code=row.code,
        label=row.label,
        zone=row.zone,
        kind=row.kind,
        amount_minor=row.amount_minor,
        bands=tuple(Band(up_to, amount) for up_to, amount in load_json(row.bands)),
        free_over_minor=row.free_over_minor,
        tax_class=row.tax_class,
        min_days=row.min_days,
        max_days=row.max_days,
        max_weight_g=row.max_weight_g,
    )


def _check_method(path: str, one: DeliveryMethod) -> Iterator[Problem]:
    for name, label in (("code", "the code"), ("label", "the label"), ("zone", "the delivery zone")):
        yield from _text(f"{path}.{name}", getattr(one, name), label)
    if one.kind not in KINDS:
        yield _bad(f"{path}.kind", f"The kind is one of {', '.join(KINDS)}.")
    if one.tax_class not in TAX_CLASSES:
        yield _bad(f"{path}.tax_class", f"The tax class is one of {', '.join(TAX_CLASSES)}.")
    yield from _number(f"{path}.amount_minor", one.amount_minor, "price", _LARGEST)
    for name, label in (("free_over_minor", "free-from value"), ("max_weight_g", "largest weight")):
        if getattr(one, name) is not None:
            yield from _number(f"{path}.{name}", getattr(one, name), label, _LARGEST)
    days = [
        problem
        for name in ("min_days", "max_days")
        for problem in _number(f"{path}.{name}", getattr(one, name), "number of days", 365)
    ]
    yield from days
    if not days and one.min_days > one.max_days:
        yield _bad(f"{path}.max_days", "The most days must not be below the least.")
    yield from _check_bands(path, one)


def _check_bands(path: str, one: DeliveryMethod) -> Iterator[Problem]:
    if one.kind == "flat":
        return
    if not one.bands:
        yield _bad(f"{path}.bands", "A banded method needs at least one band.")
        return
    for band in one.bands:
        yield from _number(f"{path}.bands", band.amount_minor, "price of a band", _LARGEST)
        if band.up_to is not None:
            yield from _number(f"{path}.bands", band.up_to, "limit of a band", _LARGEST)
    limits = [_LARGEST + 1 if band.up_to is None else band.up_to for band in one.bands]
    if all(type(limit) is int for limit in limits) and any(low >= high for low, high in pairwise(limits)):
        yield _bad(f"{path}.bands", "The limits of the bands must rise, and only the last may be without limit.")


def _bad(path: str, text: str) -> Problem:
    return Problem(code="invalid", text=text, path=path)


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()


def _text(path: str, value: str, label: str) -> Iterator[Problem]:
    if not value.strip() or len(value) > 80 or not value.isprintable():
        yield _bad(path, f"Enter {label}, at most 80 characters.")


def _number(path: str, value: Any, label: str, largest: int) -> Iterator[Problem]:
    if type(value) is not int or not 0 <= value <= largest:
        yield _bad(path, f"The {label} is a whole number from 0 to {largest}.")


def _twice(keys: Sequence[str], field: str, noun: str) -> list[Problem]:
    again = [(at, key) for at, key in enumerate(keys) if key in keys[:at]]
    return [_bad(f"{at}.{field}", f"The {noun} {key} is listed twice.") for at, key in again]
