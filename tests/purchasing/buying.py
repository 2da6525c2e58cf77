"""A shop that buys: a supplier with terms for its goods, and short ways to order, receive and be charged."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

import make
from storekeep.flows import purchase, receipts, supplier_invoices
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database, Tx
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.payments.tables import posting
from storekeep.shop.purchasing import orders, receiving, suppliers
from storekeep.shop.purchasing.model import Counted, InvoiceLine, Part, PriceBreak, SupplierDraft, TermsDraft, Want
from storekeep.shop.reports import verify

POTTERY = SupplierDraft("POTTERY", "Pottery Works", "orders@pottery.example", "EUR")


class Buying:
    """A shop with mugs, bowls and tea, and one supplier of mugs and bowls: mugs in packs of 6, from 12 on."""

    def __init__(self, db: Database, clock: VirtualClock, folder: Path) -> None:
        self.shop = make.shop(db, clock, folder)
        self.db, self.clock, self._count = db, clock, 0
        with self.act() as tx:
            self.home = warehouses(tx)[0].id
            self.supplier = suppliers.add(tx, POTTERY)
            suppliers.set_terms(tx, self.supplier, [
                TermsDraft(self.sku("MUG"), "P-MUG", (PriceBreak(1, 5_000_000), PriceBreak(60, 4_505_000)), 12, 6, 10),
                TermsDraft(self.sku("BOWL"), "", (PriceBreak(1, 8_001_234),), 1, 1, 20),
            ])  # fmt: skip

    def act(self, actor: str = "staff:buyer") -> Any:
        return self.db.begin(actor=actor)

    def command(self) -> str:
        self._count += 1
        return f"command {self._count}"

    def sku(self, name: str) -> str:
        return self.shop.variants[name]

    def draft(self, wanted: dict[str, int]) -> str:
        wants = [Want(self.sku(name), qty) for name, qty in wanted.items()]
        with self.act() as tx:
            return purchase.create(tx, self.supplier, self.home, wants, self.command())

    def sent(self, wanted: dict[str, int]) -> str:
        order_id = self.draft(wanted)
        with self.act() as tx:
            purchase.approve(tx, order_id, self.command())
            purchase.send(tx, order_id, self.command())
        return order_id

    def counted(self, order_id: str | None, counts: dict[str, int], damaged: dict[str, int] | None = None) -> str:
        told = [Counted(self.sku(name), qty) for name, qty in counts.items()]
        told += [Counted(self.sku(name), qty, "damaged") for name, qty in (damaged or {}).items()]
        with self.act() as tx:
            receipt_id = receipts.open_receipt(tx, self.home, self.command(), purchase_order_id=order_id)
            receipts.count(tx, receipt_id, told, self.command())
            receipts.finish_count(tx, receipt_id, self.command())
        return receipt_id

    def decide(self, receipt_id: str, finding: str, parts: dict[str, int], reason: str = "looked at it") -> None:
        line = next(line for line in self.receipt_lines(receipt_id) if line.finding == finding)
        with self.act() as tx:
            wanted = [Part(name, qty) for name, qty in parts.items()]
            receipts.decide(tx, receipt_id, line.id, wanted, self.command(), reason=reason)

    def posted(self, receipt_id: str) -> int:
        with self.act() as tx:
            return receipts.post(tx, receipt_id, self.command())

    def received(self, order_id: str, counts: dict[str, int]) -> str:
        receipt_id = self.counted(order_id, counts)
        self.posted(receipt_id)
        return receipt_id

    def charged(
        self, order_id: str, units: dict[str, int], prices: dict[str, int] | None = None, n: str = "R-1"
    ) -> str:
        by_sku = {line.variant_id: line for line in self.lines(order_id)}
        told = []
        for name, qty in units.items():
            line = by_sku[self.sku(name)]
            told.append(InvoiceLine(line.id, qty, (prices or {}).get(name, line.unit_price_e4)))
        with self.act() as tx:
            return supplier_invoices.record(tx, order_id, n, "2026-11-30", told, self.command())

    def matched(self, invoice_id: str, reason: str = "") -> int:
        with self.act() as tx:
            return supplier_invoices.match_invoice(tx, invoice_id, self.command(), reason=reason)

    def order(self, order_id: str) -> Any:
        return self.read(lambda tx: orders.load(tx, order_id))

    def lines(self, order_id: str) -> Any:
        return self.read(lambda tx: orders.lines_of(tx, [order_id]))

    def line(self, order_id: str, name: str) -> Any:
        return next(line for line in self.lines(order_id) if line.variant_id == self.sku(name))

    def receipt_lines(self, receipt_id: str) -> Any:
        return self.read(lambda tx: receiving.lines_of(tx, receipt_id))

    def balance(self, account: str) -> int:
        p = posting.c
        return sum(
            row.amount_minor
            for row in self.read(lambda tx: tx.rows(select(p.amount_minor).where(p.account == account)))
        )

    def read(self, ask: Any) -> Any:
        with self.db.read() as tx:
            return ask(tx)

    def faults(self) -> list[Any]:
        def told(tx: Tx) -> list[Any]:
            return [(one.id, one.offenders, one.reason) for one in verify.run(tx).results if one.status != "ok"]

        found: list[Any] = self.read(told)
        return found
