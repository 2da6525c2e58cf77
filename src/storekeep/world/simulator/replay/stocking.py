"""Opens a shop for a replay: its profile in pounds, one warehouse, a freight without limits, catalogue, opening stock.

What the file does not say is set plainly and marked: units weigh 1 g, cost half of the usual price, and travel free.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from storekeep.flows import receive, telling
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.catalog import categories, products
from storekeep.shop.catalog.model import CategoryDraft, ProductDraft, VariantDraft
from storekeep.shop.catalog.tables import product
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.place import BinDraft, WarehouseDraft
from storekeep.shop.pricing import rules
from storekeep.shop.pricing.model import DeliveryMethod
from storekeep.shop.pricing.rules import CountrySetting
from storekeep.shop.shipping import rates
from storekeep.shop.shipping.carriers.demo_cards import SWALLOW
from storekeep.shop.shipping.carriers.table import TableCarrier
from storekeep.shop.shipping.labels import LabelContent
from storekeep.shop.shipping.model import ZONES, RateCard
from storekeep.shop.site import profile
from storekeep.world.simulator.replay.planning import Document
from storekeep.world.simulator.replay.reading import ZONE

CURRENCY = "GBP"
HOME = "GB"
METHOD = "replay-freight"
BINS = 300
CHUNK = 500
MAX_GRAMS = 1_000_000_000

#: The countries of the set by the name that it gives them.
CODES = {
    "Australia": "AU", "Austria": "AT", "Bahrain": "BH", "Belgium": "BE", "Brazil": "BR", "Canada": "CA",
    "Channel Islands": "JE", "Cyprus": "CY", "Czech Republic": "CZ", "Denmark": "DK", "EIRE": "IE",
    "European Community": "EU", "Finland": "FI", "France": "FR", "Germany": "DE", "Greece": "GR", "Hong Kong": "HK",
    "Iceland": "IS", "Israel": "IL", "Italy": "IT", "Japan": "JP", "Lebanon": "LB", "Lithuania": "LT", "Malta": "MT",
    "Netherlands": "NL", "Norway": "NO", "Poland": "PL", "Portugal": "PT", "RSA": "ZA", "Saudi Arabia": "SA",
    "Singapore": "SG", "Spain": "ES", "Sweden": "SE", "Switzerland": "CH", "USA": "US", "United Arab Emirates": "AE",
    "United Kingdom": "GB", "Unspecified": "XX",
}  # fmt: skip
#: Codes that the standard leaves to their users, for names that are not in the list.
_OWN_CODES = (*(f"Q{letter}" for letter in "MNOPQRSTUVWXYZ"), *(f"X{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVW"))


class NotEmpty(StorekeepError):
    """A replay builds its own shop, so it is only ever run in an empty database."""


class TooManyCountries(StorekeepError):
    """The file names more unknown countries than there are free codes."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a product of the file is: its variant and its one bin."""

    variant_id: str
    bin_id: str
    cost_minor: int


def refuse_unless_empty(tx: Tx) -> None:
    """Raises `NotEmpty` when the database holds a product."""
    if tx.scalar(select(func.count()).select_from(product)):
        raise NotEmpty("there is a shop in this database already; name another database for the replay")


def country_codes(names: Iterable[str]) -> dict[str, str]:
    """A two-letter code for every country name of the file."""
    taken = set(CODES.values())
    free = iter([code for code in _OWN_CODES if code not in taken])
    found = {}
    for name in sorted(set(names)):
        code = CODES.get(name) or next(free, None)
        if code is None:
            raise TooManyCountries("the file names more unknown countries than there are codes for")
        found[name] = code
    return found


def freight() -> list[RateCard]:
    """Replay Freight: takes any weight anywhere, for nothing. The file says neither weights nor what carriers cost."""
    return [
        RateCard(
            carrier=SWALLOW,
            service=METHOD,
            label="Replay Freight (no weight limit)",
            zone=zone,
            currency=CURRENCY,
            brackets=((MAX_GRAMS, 0),),
            transit_days_min=1,
            transit_days_max=1,
            cutoff_hour=24,
            max_weight_g=MAX_GRAMS,
            effective_from="2000-01-01",
            effective_to="",
            rank=1,
        )
        for zone in ZONES
    ]


def carrier() -> TableCarrier:
    """The carrier of Replay Freight; its labels are a line of text, for nobody will print them."""
    return TableCarrier(SWALLOW, "Replay Freight", "RF", freight(), render=_plain_label, is_demo=True)


def _plain_label(content: LabelContent) -> bytes:
    return f"Replay label {content.tracking_number} for order {content.order_number}".encode()


def open_shop(tx: Tx, countries: Mapping[str, str]) -> list[str]:
    """Make the shop without goods; returns its bins. Countries have no tax rules, so the tax is 0 everywhere."""
    profile.save(
        tx,
        {
            "name": "Replayed shop",
            "legal_name": "Replayed shop (no real business)",
            "currency": CURRENCY,
            "timezone": ZONE,
            "base_country": HOME,
        },
    )
    telling.link_secret(tx)
    house = locations.open_warehouse(tx, WarehouseDraft("MAIN", "Main warehouse", ZONE, HOME, "", cutoff_hour=15))
    drafts = [BinDraft(f"R-{n:03}", n) for n in range(1, BINS + 1)]
    rules.set_countries(tx, [CountrySetting(code, name, True, "replay") for name, code in countries.items()])
    method = DeliveryMethod(METHOD, "Replay Freight", "replay", "flat", 0, (), None, "standard", 1, 1, None)
    rules.set_delivery_methods(tx, [method])
    rates.install(tx, freight())
    return locations.add_bins(tx, house, drafts)


def stock(
    tx: Tx,
    bins: Sequence[str],
    house: str,
    names: Mapping[str, str],
    prices: Mapping[str, int],
    units: Mapping[str, int],
) -> dict[str, Shelf]:
    """Make every product of the file, with the opening stock in its bin; returns where each stands, by SKU."""
    category_id = categories.create(tx, [CategoryDraft("replayed-goods", "Replayed goods")])[0]
    shelves: dict[str, Shelf] = {}
    skus = sorted(names)
    for start in range(0, len(skus), CHUNK):
        some = skus[start : start + CHUNK]
        drafts = [_draft(sku, names[sku], prices.get(sku, 0), category_id) for sku in some]
        made = products.create(tx, drafts)
        for n, (sku, one) in enumerate(zip(some, made, strict=True), start):
            shelves[sku] = Shelf(one.variant_ids[0], bins[n % len(bins)], prices.get(sku, 0) // 2)
        lines = [
            ReceiveLine(shelves[sku].variant_id, units[sku], shelves[sku].cost_minor, shelves[sku].bin_id)
            for sku in some
            if units.get(sku)
        ]
        if lines:
            receive.receive(tx, lines, house, f"opening stock {start // CHUNK + 1}", "opening stock of the replay")
    return shelves


def _draft(sku: str, name: str, price: int, category_id: str) -> ProductDraft:
    variant = VariantDraft(sku, price, cost_minor=price // 2, weight_g=1)
    title = name or f"Product {sku}"
    return ProductDraft(sku.lower(), title, category_id, (variant,), status="active")


def usual_prices(documents: Iterable[Document]) -> dict[str, int]:
    """The unit price at which most rows sold each product, in pennies; the lowest of equals."""
    seen: dict[str, dict[int, int]] = {}
    for document in documents:
        for order in document.orders:
            for line in order.lines:
                own = seen.setdefault(line.sku, {})
                own[line.unit_minor] = own.get(line.unit_minor, 0) + 1
    return {sku: min(own, key=lambda price: (-own[price], price)) for sku, own in seen.items()}
