"""Stories of two warehouses: goods sent from one to the other, in every stage, and orders that could come from both."""

from typing import Any

import make
from storekeep.flows import transfers
from storekeep.shop.inventory import locations, origins, queries, warehouses
from storekeep.shop.inventory.place import BinDraft, WarehouseDraft
from storekeep.shop.transfers import store
from storekeep.shop.transfers.model import Arrived, Fate, Loaded, Want


def tell(stories: Any) -> None:
    """A second warehouse opens and gets goods; some are lost, damaged, sent back, or more than was sent."""
    shop = stories.shop
    with shop.db.begin(actor="owner") as tx:
        main = queries.warehouses(tx)[0].id
        north = warehouses.add(tx, WarehouseDraft("NORTH", "North", "Europe/Berlin", "DE", "24103"))
        (home,) = locations.add_bins(tx, north, [BinDraft("N-01-1", 1)])
    mugs, bowls = shop.variants["MUG"], shop.variants["BOWL"]
    ended = _sent(stories, main, north, {mugs: 5, bowls: 6})
    with stories.act() as tx:
        transfers.arrive(tx, ended, Arrived(mugs, 4, to_location_id=home), stories.command())
        transfers.arrive(tx, ended, Arrived(bowls, 1, True, reason="cracked"), stories.command())
        transfers.arrive(tx, ended, Arrived(bowls, 3, to_location_id=home), stories.command())
        lines = {line.variant_id: line.id for line in store.lines_of(tx, ended)}
        fates = [Fate(lines[mugs], "lost", "not on the pallet"), Fate(lines[bowls], "returned", "left at the gate")]
        transfers.finish(tx, ended, fates, stories.command())
    whole = _sent(stories, main, north, {mugs: 2})
    with stories.act() as tx:
        transfers.arrive(tx, whole, Arrived(mugs, 3, to_location_id=home, reason="one more"), stories.command())
        transfers.finish(tx, whole, [], stories.command())
    under_way = _sent(stories, main, north, {mugs: 3})
    with stories.act() as tx:
        transfers.arrive(tx, under_way, Arrived(mugs, 1), stories.command())
        draft = transfers.draft(tx, north, main, "", stories.command(), [Want(mugs, 1)])
        transfers.cancel(tx, draft, "no need", stories.command())
        transfers.draft(tx, main, north, "next week", stories.command(), [Want(bowls, 1)])
    make.order(shop, {"MUG": 2})
    with shop.db.begin(actor="owner") as tx:
        origins.save_rule(tx, "stock")
    make.order(shop, {"MUG": 1, "BOWL": 1}, paid=True)


def _sent(stories: Any, main: str, north: str, units: dict[str, int]) -> str:
    with stories.act() as tx:
        wants = [Want(variant_id, qty) for variant_id, qty in units.items()]
        transfer_id = transfers.draft(tx, main, north, "", stories.command(), wants)
        there = queries.balances_of(tx, list(units), warehouse_id=main)
        for variant_id, qty in units.items():
            at = max(
                (row for row in there if row.variant_id == variant_id and row.kind == "bin"),
                key=lambda row: row.qty - row.assigned,
            )
            transfers.load(tx, transfer_id, [Loaded(variant_id, qty, at.location_id)], stories.command())
        transfers.depart(tx, transfer_id)
    return transfer_id
