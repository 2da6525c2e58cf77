"""Run by the test of a full disk, on a small disk of its own: place orders until there is no room, make room, go on.

`python filling.py DATABASE BALLAST`; what happened goes to standard output as JSON.
"""

import json
import sys
from pathlib import Path

import sqlalchemy as sa

from storekeep.doors.cli.bench import seeding
from storekeep.flows import checkout
from storekeep.kernel.db import Database, DatabaseUnusable
from storekeep.kernel.writer import Writer
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.reports import verify


def main(path: str, ballast: str) -> None:
    db = Database(f"sqlite:///{path}")
    variants = seeding.open_shop(db, 10)
    carts = seeding.fill_carts(db, variants, 200, hot=False)
    while True:
        try:
            carts += seeding.fill_carts(db, variants, 200, hot=False, seed=len(carts))
        except DatabaseUnusable:
            break
    writer: Writer[checkout.PlaceOrder, checkout.PlaceAnswer] = Writer(db, checkout.place, lambda one: one.key)
    answered, refusals = 0, []
    for cart in carts:
        future = writer.submit(checkout.PlaceOrder(cart.id, cart.total_minor))
        writer.step()
        failure = future.exception()
        if failure is not None:
            refusals.append(f"{type(failure).__name__}: {failure}")
            if len(refusals) == 3:
                break
        else:
            answered += 1
    told = {"answered": answered, "refusals": refusals, "orders": _orders(db), "clean": _clean(db)}
    Path(ballast).unlink()
    future = writer.submit(checkout.PlaceOrder(carts[-1].id, carts[-1].total_minor))
    writer.step()
    told |= {"after": type(future.result()).__name__, "orders_after": _orders(db), "clean_after": _clean(db)}
    db.close()
    sys.stdout.write(json.dumps(told))


def _orders(db: Database) -> int:
    with db.read() as tx:
        return int(tx.scalar(sa.select(sa.func.count()).select_from(sales_order)))


def _clean(db: Database) -> str:
    with db.read() as tx:
        report = verify.run(tx)
    return "" if report.exit_code == 0 else report.as_text()


if __name__ == "__main__":
    main(*sys.argv[1:])
