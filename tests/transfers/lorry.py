"""Two warehouses and the verbs between them, with goods by short names."""

from collections.abc import Sequence

from sqlalchemy import func, select

from storekeep.flows import transfers
from storekeep.kernel.db import Database, Tx
from storekeep.shop.catalog import categories, products
from storekeep.shop.catalog.model import CategoryDraft, ProductDraft, VariantDraft
from storekeep.shop.inventory import locations, receiving
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.place import BinDraft, WarehouseDraft
from storekeep.shop.inventory.tables import availability, cost_pool, location, lot, stock_balance
from storekeep.shop.payments import ledger, recipes
from storekeep.shop.reports import verify
from storekeep.shop.site import profile
from storekeep.shop.transfers import store
from storekeep.shop.transfers.model import Arrived, Fate, Line, Loaded, Want


class Lorry:
    """SOUTH with 40 mugs and 25 jars in two lots, NORTH with nothing."""

    def __init__(self, db: Database) -> None:
        self.db, self._commands = db, 0
        with db.begin(actor="owner") as tx:
            self.variants = _variants(tx)
            profile.save(tx, {"name": "Two houses", "currency": "EUR"})
            self.south, self.north = (
                locations.open_warehouse(tx, WarehouseDraft(code, code.title(), "Europe/Berlin", "DE", "20457"))
                for code in ("SOUTH", "NORTH")
            )
            codes = (("S-1", self.south), ("S-2", self.south), ("N-1", self.north))
            self.bins = {code: locations.add_bins(tx, at, [BinDraft(code, 1)])[0] for code, at in codes}
            lines = [
                ReceiveLine(self.variants["MUG"], 40, 500, self.bins["S-1"]),
                ReceiveLine(self.variants["JAR"], 15, 333, self.bins["S-1"], "EARLY", "2027-06-30"),
                ReceiveLine(self.variants["JAR"], 10, 334, self.bins["S-2"], "LATE", "2027-09-30"),
            ]
            moves = receiving.receive(tx, lines, self.south, "opening", "opening stock")
            worth = sum(move.value_minor for move in moves)
            ledger.post(tx, [recipes.goods_received(moves[0].document_id, "opening", worth, "EUR")])
            self.lots = {row.code: row.id for row in tx.rows(select(lot))}

    def command(self) -> str:
        self._commands += 1
        return f"lorry command {self._commands}"

    def draft(self, **wanted: int) -> str:
        with self.db.begin(actor="staff:a") as tx:
            wants = [Want(self.variants[name], qty) for name, qty in wanted.items()]
            return transfers.draft(tx, self.south, self.north, "", self.command(), wants)

    def load(self, transfer_id: str, name: str, qty: int, at: str = "S-1", of: str = "", command: str = "") -> None:
        with self.db.begin(actor="staff:a") as tx:
            what = Loaded(self.variants[name], qty, self.bins[at], self.lots.get(of))
            transfers.load(tx, transfer_id, [what], command or self.command())

    def depart(self, transfer_id: str) -> None:
        with self.db.begin(actor="staff:a") as tx:
            transfers.depart(tx, transfer_id)

    def sent(self, **units: int) -> str:
        """A transfer that has left with these units."""
        transfer_id = self.draft(**units)
        for name, qty in units.items():
            self.load(transfer_id, name, qty, of="EARLY" if name == "JAR" else "")
        self.depart(transfer_id)
        return transfer_id

    def arrive(
        self, transfer_id: str, name: str, qty: int, *, damaged: bool = False, at: str = "", of: str = "",
        reason: str = "", command: str = "",
    ) -> None:  # fmt: skip
        what = Arrived(self.variants[name], qty, damaged, self.bins.get(at), self.lots.get(of), reason)
        with self.db.begin(actor="staff:b") as tx:
            transfers.arrive(tx, transfer_id, what, command or self.command())

    def finish(self, transfer_id: str, fates: Sequence[tuple[str, str]] = (), command: str = "") -> None:
        """`fates`: (name, lost or returned)."""
        told = [Fate(self.line(transfer_id, name).id, kind, "counted twice") for name, kind in fates]
        with self.db.begin(actor="staff:b") as tx:
            transfers.finish(tx, transfer_id, told, command or self.command())

    def cancel(self, transfer_id: str) -> None:
        with self.db.begin(actor="staff:a") as tx:
            transfers.cancel(tx, transfer_id, "not today", self.command())

    def line(self, transfer_id: str, name: str) -> Line:
        with self.db.read() as tx:
            return next(x for x in store.lines_of(tx, transfer_id) if x.variant_id == self.variants[name])

    def status(self, transfer_id: str) -> str:
        with self.db.read() as tx:
            return str(store.load(tx, transfer_id).status)

    def units(self, name: str, house: str, kind: str, of: str = "") -> int:
        """Units of a variant in the places of a kind."""
        b, at = stock_balance.c, location.c
        query = select(func.coalesce(func.sum(b.qty), 0)).join_from(stock_balance, location, at.id == b.location_id)
        query = query.where(b.variant_id == self.variants[name], at.warehouse_id == house, at.kind == kind)
        if of:
            query = query.where(b.lot_id == self.lots[of])
        with self.db.read() as tx:
            return int(tx.scalar(query))

    def available(self, name: str, house: str) -> int:
        a = availability.c
        query = select(a.on_hand_sellable).where(a.variant_id == self.variants[name], a.warehouse_id == house)
        with self.db.read() as tx:
            return int(tx.scalar(query) or 0)

    def value(self) -> int:
        """What all goods are worth by the cost pools, minor units."""
        with self.db.read() as tx:
            return int(tx.scalar(select(func.sum(cost_pool.c.value_minor))))

    def sound(self) -> None:
        """Every invariant holds."""
        with self.db.read() as tx:
            report = verify.run(tx)
        bad = [(result.id, result.offenders) for result in report.results if result.status != "ok"]
        assert not bad, bad


def _variants(tx: Tx) -> dict[str, str]:
    (shelf,) = categories.create(tx, [CategoryDraft("all", "All", "")])
    names = ("MUG", "JAR", "PAN")
    variants = tuple(
        VariantDraft(name, 1200, name, None, None, 500, 300, 90, 90, 90, tracking="lot" if name == "JAR" else "none")
        for name in names
    )
    (made,) = products.create(tx, [ProductDraft(slug="thing", title="Thing", category_id=shelf, variants=variants)])
    return dict(zip(names, made.variant_ids, strict=True))
