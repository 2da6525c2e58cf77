"""Paid orders, the batches made of them, and a hand that walks: what the tests of batches work with."""

from typing import Any

from sqlalchemy import select

import make
from make import Shop
from storekeep.flows import batch_pick, waves
from storekeep.flows.waves import Wish
from storekeep.shop.fulfillment import batches, queries
from storekeep.shop.fulfillment.cartround import tote_code
from storekeep.shop.fulfillment.tables import fulfillment, pick_batch
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.reports import verify


class Cart:
    """Paid orders, the batches made of them, and a hand that walks."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.db, self._n = shop, shop.db, 0
        with self.db.read() as tx:
            self.home = warehouses(tx)[0].id

    def work(self, wanted: dict[str, int]) -> str:
        order = make.order(self.shop, wanted, paid=True).order_id
        with self.db.read() as tx:
            return str(queries.of_order(tx, order)[0].id)

    def proposals(self, **filters: Any) -> list[Any]:
        with self.db.read() as tx:
            return waves.propose(tx, self.home, **filters)

    def released(self, kind: str, *works: str) -> str:
        with self.db.begin(actor="lead") as tx:
            made = waves.plan(tx, [Wish(kind, works)])
            assert waves.release(tx, made) == made
        return made[0]

    def started(self, kind: str, *works: str) -> str:
        batch = self.released(kind, *works)
        with self.db.begin(actor="hand") as tx:
            assert batch_pick.start(tx, None, batch) == batch
        return batch

    def scan(self, batch: str, code: str, qty: int = 1, scan_id: str | None = None) -> Any:
        self._n += 1
        with self.db.begin(actor="hand") as tx:
            return batch_pick.scan(tx, batch, code, scan_id or f"scan-{self._n}", qty)

    def walk(self, batch: str) -> None:
        """Everything that is left, as the screen says it."""
        for _ in range(50):
            tasks = self.tasks(batch)
            if not tasks:
                return
            task = tasks[0]
            assert self.scan(batch, task.location_code).is_right
            assert self.scan(batch, task.lot_code or task.sku, task.qty).is_right
            if self.row(batch).kind in ("multi_item", "wave"):
                assert self.scan(batch, tote_code(self.row(batch).number, task.tote_no)).is_right
        raise AssertionError("the walk does not end")

    def tasks(self, batch: str) -> list[Any]:
        with self.db.read() as tx:
            return batches.tasks_of(tx, [batch])[batch]

    def row(self, batch: str) -> Any:
        with self.db.read() as tx:
            return tx.first(select(pick_batch).where(pick_batch.c.id == batch))

    def outcomes(self, batch: str) -> list[str]:
        with self.db.read() as tx:
            return [tote.outcome for tote in batches.totes_of(tx, [batch])[batch]]

    def status(self, work: str) -> str:
        with self.db.read() as tx:
            return str(tx.scalar(select(fulfillment.c.status).where(fulfillment.c.id == work)))

    def check(self) -> None:
        with self.db.read() as tx:
            report = verify.run(tx)
        assert report.status == "ok", report.as_text()
