"""Sells one ordinary order with each of several builds: `python sell.py DATABASE BUILD...`, a program of its own.

What all builds share is loaded once; each build then runs in a fork of its own. A line per build says "sold" or what
went wrong. DATABASE is an empty shop database that is copied for each.
"""

import importlib
import logging
import os
import shutil
import sys
import traceback
from pathlib import Path

TESTS = Path(__file__).parents[1]
#: What the shop needs of others, and what takes the time when it is imported.
SHARED = (
    "alembic.command", "babel.dates", "msgspec", "requests", "psycopg", "reportlab.pdfgen.canvas", "sqlalchemy",
    "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite", "stripe", "jinja2",
)  # fmt: skip


class Complaints(logging.Handler):
    """Collects what workers log instead of raising."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


def sell(build: Path, template: Path) -> None:
    """Place, pay, pick, pack and ship an order of two lines; raises when anything is unusual."""
    sys.path[0:0] = [str(build), str(TESTS), str(TESTS / "flows")]
    from sqlalchemy import select
    from warehouse import Work, open_shop

    import storekeep
    from storekeep.kernel import tables
    from storekeep.kernel.clock import HOUR, VirtualClock
    from storekeep.kernel.db import Database
    from storekeep.kernel.ids import SeededIds

    assert Path(storekeep.__file__).parent == build / "storekeep", f"another shop was imported: {storekeep.__file__}"
    complaints = Complaints()
    logging.getLogger("storekeep").addHandler(complaints)
    path = build / "shop.db"
    shutil.copy(template, path)
    clock = VirtualClock(1_700_000_000_000_000)
    db = Database(f"sqlite:///{path}", clock=clock, ids=SeededIds(clock, seed=1), synchronous="OFF")
    shop = open_shop(db, clock, build)
    work = Work(shop, {"MUG": 2, "BOWL": 1})
    clock.sleep(HOUR)
    work.to_the_door()
    shipped = work.ship()
    shop.work()
    assert shipped.is_done, shipped.text
    assert work.row.status == "handed_over"
    assert (work.order.status, work.order.fulfillment_status) == ("completed", "fulfilled"), work.order
    with db.read() as tx:
        left = tx.rows(select(tables.outbox).where(tables.outbox.c.status != "done"))
    assert left == [], left
    assert complaints.heard == [], complaints.heard
    db.close()


def main(template: str, builds: list[str]) -> None:
    """Sell with each build, one after the other."""
    for name in SHARED:
        importlib.import_module(name)
    for build in builds:
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            try:
                sell(Path(build), Path(template))
                answer = "sold"
            except BaseException:
                answer = traceback.format_exc().strip().replace("\n", " | ")
            sys.stdout.write(f"{Path(build).name}: {answer}\n")
            sys.stdout.flush()
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
