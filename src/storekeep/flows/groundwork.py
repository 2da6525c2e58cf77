"""What every shop needs before it can sell: a warehouse with bins, countries, taxes, delivery methods, rates, boxes.

`lay` is safe to run again: what exists is left as the owner has it.
"""

from sqlalchemy import func, select

from storekeep.kernel.db import Tx
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.place import BinDraft, WarehouseDraft
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.pricing import rules
from storekeep.shop.pricing.model import Band, DeliveryMethod, TaxRule
from storekeep.shop.pricing.rules import CountrySetting
from storekeep.shop.pricing.tables import delivery_method, sales_country, tax_rate
from storekeep.shop.shipping import cartons, rates
from storekeep.shop.shipping.carriers.demo_cards import demo_cards

AISLES, BAYS, LEVELS = "ABCDEFGH", 10, 3

#: Standard and reduced VAT rates in basis points, as the countries publish them for 2026; a shop checks its own.
VAT = {
    "AT": ("Austria", 2000, 1000),
    "BE": ("Belgium", 2100, 600),
    "DE": ("Germany", 1900, 700),
    "DK": ("Denmark", 2500, 2500),
    "ES": ("Spain", 2100, 1000),
    "FR": ("France", 2000, 550),
    "IE": ("Ireland", 2300, 1350),
    "IT": ("Italy", 2200, 1000),
    "NL": ("Netherlands", 2100, 900),
    "PL": ("Poland", 2300, 500),
}
#: Sold to without our tax: prices there are the listed ones, duties are the buyer's.
EXPORT = {"CH": "Switzerland", "GB": "United Kingdom", "US": "United States"}
HOME = "DE"
NEAR = {"AT", "BE", "NL", "FR", "DK", "PL"}


def lay(tx: Tx) -> None:
    """Make what is missing of a shop's groundwork."""
    if not warehouses(tx):
        _warehouse(tx)
    if not tx.scalar(select(func.count()).select_from(sales_country)):
        rules.set_countries(tx, [*_countries()])
    if not tx.scalar(select(func.count()).select_from(tax_rate)):
        rules.set_taxes(tx, [*_taxes()])
    if not tx.scalar(select(func.count()).select_from(delivery_method)):
        rules.set_delivery_methods(tx, delivery_methods())
    if not rates.cards(tx):
        rates.install(tx, demo_cards())
    if not cartons.active(tx):
        cartons.install(tx, cartons.DEFAULTS)


def _warehouse(tx: Tx) -> None:
    draft = WarehouseDraft("MAIN", "Main warehouse", "Europe/Berlin", HOME, "20457", cutoff_hour=15)
    warehouse_id = locations.open_warehouse(tx, draft)
    bins = []
    for number, aisle in enumerate(AISLES):
        bays = range(1, BAYS + 1) if number % 2 == 0 else range(BAYS, 0, -1)
        for bay in bays:
            bins += [f"{aisle}-{bay:02}-{level}" for level in range(1, LEVELS + 1)]
    locations.add_bins(tx, warehouse_id, [BinDraft(code, walk) for walk, code in enumerate(bins, 1)])


def _zone(country: str) -> str:
    if country == HOME:
        return "home"
    return "near" if country in NEAR else "europe" if country in VAT else "world"


def _countries() -> list[CountrySetting]:
    taxed = [CountrySetting(code, name, prices_include_tax=True, zone=_zone(code)) for code, (name, *_) in VAT.items()]
    return taxed + [CountrySetting(code, name, prices_include_tax=False, zone="world") for code, name in EXPORT.items()]


def _taxes() -> list[TaxRule]:
    found = []
    for country, (_, standard, reduced) in VAT.items():
        for tax_class, rate in (("standard", standard), ("reduced", reduced), ("zero", 0)):
            percent = f"{rate // 100}.{rate % 100:02}".rstrip("0").rstrip(".")
            found.append(TaxRule(country, tax_class, rate, f"VAT {country} {percent} %"))
    return found


def delivery_methods() -> list[DeliveryMethod]:
    """What shoppers choose from, per zone: a banded standard delivery, and an express one at a flat price."""

    def standard(zone: str, prices: tuple[int, int, int], days: tuple[int, int], free: int | None) -> DeliveryMethod:
        bands = (Band(2_000, prices[0]), Band(10_000, prices[1]), Band(31_500, prices[2]))
        return DeliveryMethod(
            f"standard-{zone}", "Standard delivery", zone, "weight_banded", 0, bands, free, "standard", *days, 31_500
        )

    def express(zone: str, price: int, days: tuple[int, int]) -> DeliveryMethod:
        return DeliveryMethod(
            f"express-{zone}", "Express delivery", zone, "flat", price, (), None, "standard", *days, 20_000
        )

    return [
        standard("home", (490, 690, 1290), (2, 4), 6_000),
        express("home", 1290, (1, 2)),
        standard("near", (890, 1290, 2490), (3, 6), 12_000),
        express("near", 2190, (2, 3)),
        standard("europe", (1290, 1890, 3490), (4, 8), None),
        express("europe", 2890, (2, 4)),
        standard("world", (1990, 3490, 6990), (6, 14), None),
    ]
