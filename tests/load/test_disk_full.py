"""A full disk: a plain refusal, nothing half-done, and the shop goes on as soon as there is room again."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

import make
from storekeep.flows import checkout
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database, DatabaseUnusable
from storekeep.kernel.writer import Writer
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.reports import verify

FILLING = Path(__file__).with_name("filling.py")


def limit_pages(db: Database, pages: int) -> None:
    """Let the writing connection have no more pages than this; 0 asks for no more than there are."""
    with db.engine.connect() as conn:
        used = conn.exec_driver_sql("PRAGMA page_count").scalar()
        conn.exec_driver_sql(f"PRAGMA max_page_count = {pages or used}")


def count(db: Database) -> int:
    with db.read() as tx:
        return int(tx.scalar(sa.select(sa.func.count()).select_from(sales_order)))


def clean(db: Database) -> None:
    with db.read() as tx:
        report = verify.run(tx)
    assert report.exit_code == 0, report.as_text()


def test_a_full_database_refuses_plainly_keeps_its_books_and_recovers(
    db: Database, clock: VirtualClock, tmp_path: Path
) -> None:
    if db.dialect != "sqlite":
        pytest.skip("the limit is SQLite's")
    shop = make.shop(db, clock, tmp_path, {"MUG": (1250, 500, 10_000)})
    carts = [make.cart(shop, {"MUG": 1}) for _ in range(60)]
    writer: Writer[checkout.PlaceOrder, checkout.PlaceAnswer] = Writer(db, checkout.place, lambda one: one.key)
    limit_pages(db, 0)
    futures = [writer.submit(checkout.PlaceOrder(one, provider="memory")) for one in carts]
    writer.step()
    refused = [cart for cart, future in zip(carts, futures, strict=True) if future.exception() is not None]
    assert refused
    for future in futures:
        failure = future.exception()
        if failure is not None:
            assert isinstance(failure, DatabaseUnusable)
            assert "disk of the database is full; nothing was changed" in str(failure)
    assert count(db) == len(carts) - len(refused)
    clean(db)
    limit_pages(db, 1_000_000)
    again = [writer.submit(checkout.PlaceOrder(one, provider="memory")) for one in carts]
    while writer.step():
        pass
    assert all(isinstance(future.result(), checkout.Placed) for future in again)
    assert count(db) == len(carts)
    clean(db)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_disk_that_runs_full_under_the_shop_loses_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    here = [shlex.quote(str(one)) for one in (disk, sys.executable, FILLING, disk / "shop.db", disk / "ballast")]
    script = (
        f"mount -t tmpfs -o size=12m none {here[0]} && head -c 6000000 /dev/zero > {here[4]} && "
        f"exec {here[1]} {here[2]} {here[3]} {here[4]}"
    )
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["refusals"]
    assert all(text.startswith("DatabaseUnusable: the disk of the database") for text in told["refusals"])
    assert told["orders"] == told["answered"]
    assert told["clean"] == ""
    assert (told["after"], told["orders_after"]) == ("Placed", told["orders"] + 1)
    assert told["clean_after"] == ""
