"""Opens the demo shop: its profile, catalogue, pictures, texts, stock, reorder points and a discount code.

Everything goes through the verbs that the owner's pages use.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select

from storekeep.flows import kits
from storekeep.kernel.clock import day_of
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.catalog import categories, products
from storekeep.shop.catalog.kits import Part
from storekeep.shop.catalog.model import CategoryDraft, MediaDraft, ProductDraft, VariantDraft
from storekeep.shop.catalog.tables import product
from storekeep.shop.inventory import policies, receiving
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.inventory.tables import location
from storekeep.shop.payments import ledger, recipes
from storekeep.shop.pricing import coupons
from storekeep.shop.site import pages, profile
from storekeep.shop.site.pages import PageDraft
from storekeep.world import demo
from storekeep.world.simulator.market import keeping

#: What is eaten is taxed at the reduced rate; it keeps so many days, and is told apart by lot.
EATEN, LIFE_DAYS = "reduced", 365


class NotEmpty(StorekeepError):
    """The demo is only ever laid out in an empty shop."""


def draw_pictures(folder: Path) -> dict[str, str]:
    """Write the picture of every variant; returns file names by SKU. About a third of a second."""
    folder.mkdir(parents=True, exist_ok=True)
    return demo.write_all(folder)


def open_demo(tx: Tx, pictures: dict[str, str], public_url: str) -> None:
    """Lay out the demo shop in an empty database. Raises `NotEmpty` when there are products already."""
    if tx.scalar(select(product.c.id).limit(1)) is not None:
        raise NotEmpty("there is a shop in this database already")
    profile.save(
        tx,
        {
            "name": demo.SHOP_NAME,
            "legal_name": f"{demo.SHOP_NAME} Demo Ltd",
            "address_lines": ["Lantern Quay 7", "20457 Hamburg", "Germany"],
            "email": "hello@hearthandtable.example",
            "sender": "hello@hearthandtable.example",
            "phone": "",
            "currency": "EUR",
            "timezone": "Europe/Berlin",
            "base_country": "DE",
            "public_url": public_url,
            "is_demo": True,
            "silent_days": 3,
            "demo_world_on": True,
        },
    )
    pages.put(tx, [PageDraft(page.slug, page.title, page.body_md, position=n) for n, page in enumerate(demo.PAGES, 1)])
    _catalogue(tx, pictures)
    coupons.create_codes(
        tx,
        [
            coupons.NewCode("WELCOME10", 1000, 3000),
            coupons.NewCode("TEA15", 1500, 0, max_uses=200),
            coupons.NewCode("LASTYEAR", 2000),
        ],
    )


def _catalogue(tx: Tx, pictures: dict[str, str]) -> None:
    drafts = [CategoryDraft(each.slug, each.name, each.description) for each in demo.CATEGORIES]
    made = dict(zip((each.slug for each in demo.CATEGORIES), categories.create(tx, drafts), strict=True))
    created = products.create(
        tx,
        [
            ProductDraft(
                slug=good.slug,
                title=good.title,
                category_id=made[good.category_slug],
                variants=tuple(
                    VariantDraft(
                        each.sku,
                        each.price_minor,
                        each.option,
                        each.barcode,
                        each.compare_at_minor,
                        each.cost_minor,
                        each.weight_g,
                        each.length_mm,
                        each.width_mm,
                        each.height_mm,
                        tracking="lot" if good.tax_class == EATEN else "none",
                        shelf_life_days=LIFE_DAYS if good.tax_class == EATEN else None,
                        min_days_at_ship=keeping.days_at_ship(LIFE_DAYS) if good.tax_class == EATEN else 0,
                    )
                    for each in good.variants
                ),
                media=tuple(
                    MediaDraft(pictures[each.sku], f"{good.title} {each.option}".rstrip(), each.sku)
                    for each in good.variants
                ),
                summary=good.summary,
                description=good.description,
                tax_class=good.tax_class,
                status="active",
            )
            for good in demo.PRODUCTS
        ],
    )
    variant_ids = [variant_id for one in created for variant_id in one.variant_ids]
    _stock(tx, variant_ids)
    _bundle(tx, made, pictures, variant_ids)


def _bundle(tx: Tx, homes: Mapping[str, str], pictures: Mapping[str, str], variant_ids: Sequence[str]) -> None:
    """The sets, of goods that are on the shelves already."""
    skus = [each.sku for good in demo.PRODUCTS for each in good.variants]
    of_sku = dict(zip(skus, variant_ids, strict=True))
    drafts = [
        ProductDraft(
            one.slug, one.title, homes[one.category_slug], (VariantDraft(one.sku, one.price_minor),),
            (MediaDraft(pictures[one.parts[0][0]], one.title),), one.summary, one.description, status="active",
        )
        for one in demo.SETS
    ]  # fmt: skip
    for one, product_made in zip(demo.SETS, products.create(tx, drafts), strict=True):
        kits.change(tx, product_made.variant_ids[0], [Part(of_sku[sku], units) for sku, units in one.parts])


def _stock(tx: Tx, variant_ids: list[str]) -> None:
    warehouse_id = warehouses(tx)[0].id
    bins = tx.rows(location.select().where(location.c.kind == "bin").order_by(location.c.walk_sequence))
    wanted = [(each, good.tax_class == EATEN) for good in demo.PRODUCTS for each in good.variants]
    today = day_of(tx.now, warehouses(tx)[0].timezone)
    lines = []
    for n, ((each, is_eaten), variant_id) in enumerate(zip(wanted, variant_ids, strict=True)):
        place = bins[n * 7 % len(bins)].id
        if is_eaten:
            for name, percent, units in keeping.opening(each.opening_stock):
                label = keeping.label(name, today, LIFE_DAYS, percent)
                lines.append(ReceiveLine(variant_id, units, each.cost_minor, place, label.code, label.expires_on))
        elif each.opening_stock:
            lines.append(ReceiveLine(variant_id, each.opening_stock, each.cost_minor, place))
        policies.set_reorder(
            tx, variant_id, warehouse_id, each.reorder_point, max(each.reorder_point * 3, each.reorder_point + 6)
        )
    moves = receiving.receive(tx, lines, warehouse_id, "demo opening stock", "opening stock")
    value = sum(move.value_minor for move in moves)
    ledger.post(tx, [recipes.goods_received(moves[0].document_id, "demo opening stock", value, "EUR")])
