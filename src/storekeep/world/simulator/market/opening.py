"""Opens the shop of a simulation in an empty database: profile, catalogue, codes, opening stock, reorder points.

Everything goes through the verbs that the owner's pages use, in one transaction. The shop is marked as a simulated one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from storekeep.flows import groundwork, kits, receive, telling
from storekeep.kernel import settings
from storekeep.kernel.clock import DAY, day_of, start_of_day
from storekeep.kernel.db import Database, Tx
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.catalog import categories, products
from storekeep.shop.catalog.kits import Part
from storekeep.shop.catalog.model import CategoryDraft, ProductDraft, VariantDraft
from storekeep.shop.catalog.tables import category, product, variant
from storekeep.shop.inventory import policies
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.policies import Reorder
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.inventory.tables import location
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.pricing import coupons
from storekeep.shop.pricing.coupons import NewCode
from storekeep.shop.site import profile
from storekeep.world.simulator.market import keeping
from storekeep.world.simulator.market.goods import CATEGORIES, Good, goods_of
from storekeep.world.simulator.market.model import Shelf, Shelves, ShopSpec
from storekeep.world.simulator.market.seasons import Promotion
from storekeep.world.simulator.market.sets import GiftSet, sets_of

CURRENCY = "EUR"
#: The setting that says that this shop was opened by a simulation; its value is what `shelves_of` needs.
MARK = "simulator.shop"
#: A code for everybody, and one that is used up some day.
WELCOME, FIRST = "WELCOME10", "FIRST15"
#: A code of which this many uses are left for each hundred orders of a year
USES_PER_HUNDRED = 1
#: Bins are filled this many apart, so that neighbours in the list do not stand together.
STRIDE = 7


class NotEmpty(StorekeepError):
    """There is a shop in this database already; a simulation opens its own in an empty one."""


def refuse_unless_empty(tx: Tx) -> None:
    """Raises `NotEmpty` when there is a product or an order, or when somebody has set the shop up."""
    if tx.scalar(select(sales_order.c.id).limit(1)) is not None:
        raise NotEmpty("this database holds orders; a simulation runs only in an empty database. Name another one")
    if tx.scalar(select(product.c.id).limit(1)) is not None or profile.is_set_up(tx):
        raise NotEmpty("there is a shop in this database already; a simulation runs only in an empty one")


def is_simulated(tx: Tx) -> bool:
    """Whether the shop in this database was opened by a simulation: none of its orders is real."""
    return settings.read(tx, MARK) is not None


def mark(tx: Tx, facts: Mapping[str, Any]) -> None:
    """Mark the shop as simulated. `stride` says how its goods were laid out: see `home_of`."""
    settings.write(tx, MARK, dict(facts))


def home_of(bins: Sequence[str], n: int, stride: int) -> str:
    """The bin of the n-th SKU, counted from 0 in the order of code points."""
    return bins[n * stride % len(bins)]


def open_shop(db: Database, spec: ShopSpec, seed: int, promotions: Sequence[Promotion] = ()) -> Shelves:
    """Make the shop of this spec and seed; returns its shelves. One transaction.

    Raises `NotEmpty` for a database with a shop in it, and then leaves it as it was.
    """
    goods = goods_of(spec, seed)
    with db.begin(actor="simulator") as tx:
        refuse_unless_empty(tx)
        groundwork.lay(tx)
        _introduce(tx, spec)
        variant_ids = _catalogue(tx, goods)
        _bundle(tx, sets_of(goods, seed), variant_ids)
        warehouse_id = str(warehouses(tx)[0].id)
        _stock(tx, goods, variant_ids, warehouse_id)
        coupons.create_codes(tx, [*_codes(spec), *(_code_of(one, spec.timezone) for one in promotions)])
        mark(tx, {"kind": "generated", "seed": seed, "skus": spec.skus, "stride": STRIDE})
        return shelves_of(tx)


def shelves_of(tx: Tx) -> Shelves:
    """The shelves of a simulated shop, for a run that goes on in it. Raises `NotEmpty` for a shop of another kind."""
    known = settings.read(tx, MARK)
    if known is None:
        raise NotEmpty("the shop in this database was not opened by a simulation")
    v, warehouse_id = variant.c, str(warehouses(tx)[0].id)
    bins = _bins(tx, warehouse_id)
    query = select(v.id, v.sku, v.price_minor, v.cost_minor, v.weight_g).where(~v.is_kit)
    # Sorted here, not there: each database has its own idea of the order of texts.
    rows = sorted(tx.rows(query), key=lambda row: str(row.sku))
    shelves = {}
    for n, row in enumerate(rows):
        home = home_of(bins, n, known["stride"])
        shelves[row.sku] = Shelf(row.sku, row.id, home, row.price_minor, row.cost_minor, row.weight_g)
    return Shelves(warehouse_id, profile.load(tx).currency, shelves)


def _bins(tx: Tx, warehouse_id: str) -> list[str]:
    ours = (location.c.kind == "bin", location.c.warehouse_id == warehouse_id)
    rows = tx.rows(select(location.c.id).where(*ours).order_by(location.c.walk_sequence, location.c.id))
    return [str(row.id) for row in rows]


def _introduce(tx: Tx, spec: ShopSpec) -> None:
    profile.save(
        tx,
        {
            "name": "Simulated shop",
            "legal_name": "Simulated shop (no real business)",
            "email": "shop@simulated.example",
            "sender": "shop@simulated.example",
            "currency": CURRENCY,
            "timezone": spec.timezone,
            "base_country": groundwork.HOME,
            "is_demo": True,
        },
    )
    telling.link_secret(tx)


def _catalogue(tx: Tx, goods: Sequence[Good]) -> list[str]:
    drafts = [CategoryDraft(slug, name) for slug, name in CATEGORIES]
    homes = dict(zip((slug for slug, _ in CATEGORIES), categories.create(tx, drafts), strict=True))
    made = products.create(tx, [_draft(good, homes[good.category]) for good in goods])
    return [one.variant_ids[0] for one in made]


def _bundle(tx: Tx, sets: Sequence[GiftSet], variant_ids: Sequence[str]) -> None:
    homes = {row.slug: row.id for row in tx.rows(select(category.c.id, category.c.slug))}
    drafts = [
        ProductDraft(
            one.sku.lower(), one.title, homes[one.category], (VariantDraft(one.sku, one.price_minor),), status="active"
        )
        for one in sets
    ]  # fmt: skip
    for one, made in zip(sets, products.create(tx, drafts), strict=True):
        kits.change(tx, made.variant_ids[0], [Part(variant_ids[at], units) for at, units in one.parts])


def _draft(good: Good, category_id: str) -> ProductDraft:
    one = VariantDraft(
        good.sku,
        good.price_minor,
        cost_minor=good.cost_minor,
        weight_g=good.weight_g,
        length_mm=good.length_mm,
        width_mm=good.width_mm,
        height_mm=good.height_mm,
        tracking="lot" if good.shelf_life_days else "none",
        shelf_life_days=good.shelf_life_days or None,
        min_days_at_ship=keeping.days_at_ship(good.shelf_life_days),
    )
    slug = good.sku.lower()
    return ProductDraft(slug, good.title, category_id, (one,), tax_class=good.tax_class, status="active")


def _stock(tx: Tx, goods: Sequence[Good], variant_ids: Sequence[str], warehouse_id: str) -> None:
    """Opening stock and reorder points."""
    bins = _bins(tx, warehouse_id)
    both = list(zip(goods, variant_ids, strict=True))
    today = day_of(tx.now, profile.load(tx).timezone)
    lines = []
    for n, (good, variant_id) in enumerate(both):
        place = home_of(bins, n, STRIDE)
        if good.shelf_life_days:
            for name, percent, units in keeping.opening(good.opening_stock):
                lot = keeping.label(name, today, good.shelf_life_days, percent)
                lines.append(ReceiveLine(variant_id, units, good.cost_minor, place, lot.code, lot.expires_on))
        elif good.opening_stock:
            lines.append(ReceiveLine(variant_id, good.opening_stock, good.cost_minor, place))
    if lines:
        receive.receive(tx, lines, warehouse_id, "simulator: opening stock", "opening stock")
    policies.set_reorders(
        tx, [Reorder(variant_id, warehouse_id, good.reorder_point, good.order_up_to) for good, variant_id in both]
    )


def _codes(spec: ShopSpec) -> list[NewCode]:
    uses = max(10, spec.orders_per_year * USES_PER_HUNDRED // 100)
    return [NewCode(WELCOME, 1_000, 2_000), NewCode(FIRST, 1_500, max_uses=uses)]


def _code_of(promotion: Promotion, zone: str) -> NewCode:
    begin = start_of_day(promotion.first_day, zone)
    # A day longer than the week, for those who come late.
    return NewCode(promotion.code, promotion.percent_bp, 0, begin, start_of_day(promotion.last_day, zone) + 2 * DAY)
