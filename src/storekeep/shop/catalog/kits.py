"""Kits: variants that are sold as other variants. What a kit consists of, and how its price falls to its parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from storekeep.kernel import audit
from storekeep.kernel.bulk import among, listed
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.kernel.money import spread
from storekeep.shop.catalog.store import variants_by_id
from storekeep.shop.catalog.tables import kit_part, product, variant
from storekeep.shop.catalog.touching import touch

MOST_PARTS, MOST_UNITS = 20, 99


@dataclass(frozen=True, slots=True)
class Part:
    """So many units of a variant in each kit."""

    variant_id: str
    qty: int


@dataclass(frozen=True, slots=True)
class KnownPart:
    """A part with what the catalogue says of it; `price_minor` is what one unit costs when it is sold alone."""

    variant_id: str
    qty: int
    sku: str
    title: str
    option_label: str
    slug: str
    price_minor: int
    tax_class: str
    weight_g: int


_PARTS = (
    select(
        kit_part.c.kit_id, kit_part.c.part_id, kit_part.c.qty, variant.c.sku, product.c.title, variant.c.option_label,
        product.c.slug, variant.c.price_minor, product.c.tax_class, variant.c.weight_g,
    )
    .join_from(kit_part, variant, variant.c.id == kit_part.c.part_id)
    .join(product, product.c.id == variant.c.product_id)
    .where(among(kit_part.c.kit_id, listed("kits")))
    .order_by(kit_part.c.kit_id, kit_part.c.position)
)  # fmt: skip


def parts_of(tx: Tx, kit_ids: Sequence[str]) -> dict[str, list[KnownPart]]:
    """What these kits consist of, in the order in which it is shown; a variant that is no kit is missing."""
    found: dict[str, list[KnownPart]] = {}
    for row in tx.rows(_PARTS, {"kits": sorted(set(kit_ids))}) if kit_ids else ():
        found.setdefault(row.kit_id, []).append(KnownPart(*tuple(row)[1:]))
    return found


def set_parts(tx: Tx, kit_id: str, parts: Sequence[Part]) -> None:
    """Make a variant the kit of these parts; without parts it is no kit any more. Orders placed keep what they had.

    Raises `Invalid` at `parts[n]` for a part that cannot be, `Conflict` for a kit that is a part of another, and
    `NotFound`. The caller makes sure that nothing of the variant itself lies on a shelf: see `flows.kits`.
    """
    wanted = list(parts)
    known = variants_by_id(tx, [kit_id, *(part.variant_id for part in wanted)], lock=True)
    _check(tx, kit_id, wanted, {key: bool(row.is_kit) for key, row in known.items()})
    before = {one.sku: one.qty for one in parts_of(tx, [kit_id]).get(kit_id, ())}
    after = {known[part.variant_id].sku: part.qty for part in wanted}
    if list(before.items()) == list(after.items()):
        return
    tx.run(delete(kit_part).where(kit_part.c.kit_id == kit_id))
    rows = [
        {"kit_id": kit_id, "part_id": part.variant_id, "qty": part.qty, "position": n}
        for n, part in enumerate(wanted)
    ]
    tx.insert_many(kit_part, rows)
    tx.run(update(variant).where(variant.c.id == kit_id).values(is_kit=bool(wanted)))
    audit.record(tx, [audit.Entry("variant.parts_changed", "variant", kit_id, {"parts": before}, {"parts": after})])
    touch(tx, [known[kit_id].product_id])


def _check(tx: Tx, kit_id: str, parts: Sequence[Part], is_kit: Mapping[str, bool]) -> None:
    if len(parts) > MOST_PARTS:
        raise Invalid("parts", f"a kit has at most {MOST_PARTS} parts")
    seen = {kit_id}
    for n, part in enumerate(parts):
        if not 0 < part.qty <= MOST_UNITS:
            raise Invalid(f"parts[{n}].qty", f"a kit holds 1 to {MOST_UNITS} units of a part")
        if part.variant_id in seen:
            what = "a kit cannot be a part of itself" if part.variant_id == kit_id else "name each part once"
            raise Invalid(f"parts[{n}].sku", what)
        if is_kit[part.variant_id]:
            raise Invalid(f"parts[{n}].sku", "a part cannot be a kit itself; name what that kit consists of")
        seen.add(part.variant_id)
    if parts and tx.scalar(select(kit_part.c.kit_id).where(kit_part.c.part_id == kit_id).limit(1)) is not None:
        raise Conflict("this variant is a part of a kit; a kit cannot consist of kits")


def shares(price_minor: int, parts: Sequence[KnownPart]) -> list[list[tuple[int, int]]]:
    """How a kit's price falls to the units of its parts, by their own prices: per part a list of (units, unit price).

    The parts' shares follow the largest remainder, and where a share does not divide by its units, some of them cost a
    cent more: units times prices of all parts sum to `price_minor` exactly. Parts without prices share by units.
    """
    weights = [part.qty * part.price_minor for part in parts]
    if not any(weights):
        weights = [part.qty for part in parts]
    found = []
    for part, share in zip(parts, spread(price_minor, weights), strict=True):
        least, dearer = divmod(share, part.qty)
        both = [(part.qty - dearer, least), (dearer, least + 1)]
        found.append([(units, each) for units, each in both if units])
    return found
