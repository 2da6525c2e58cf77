"""A warehouse hand as a program: picks, packs, hands over to the van and takes returns back until somebody shoots it.

It keeps a journal of what the shop acknowledged to it, a line after each commit. After a restart it looks at the work
lists, as people do, and goes on with the same command ids.
"""

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Text, cast, select
from sqlalchemy.exc import OperationalError

from storekeep.doors.cli.running import house_of
from storekeep.flows import dispatch, floor, packing, take_back
from storekeep.flows.house import House
from storekeep.kernel.db import Database
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.catalog.tables import variant
from storekeep.shop.fulfillment import queries as works
from storekeep.shop.inventory.tables import location
from storekeep.shop.returns import returns
from storekeep.shop.returns.tables import goods_return
from storekeep.shop.support.tables import remedy

AT_WORK = "The hand is at work."
BATCH = 3


class Hand:
    """What one person does with both hands. Each method is one or more commands of the shop."""

    def __init__(self, house: House, journal: Path) -> None:
        self._db, self._carriers = house.db, house.services.carriers
        self._rng = random.Random()
        self._journal = journal.open("a", buffering=1)
        self._hopeless: set[str] = set()

    def turn(self) -> None:
        """Everything once; what the shop refuses is left, what the database fails at is done again next time."""
        for act in (self.pick, self.pack, self.hand_over, self.take_returns, self.refund_returns):
            self._try(act)

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (StorekeepError, OperationalError) as refusal:
            sys.stderr.write(f"the hand was told: {refusal}\n")
            time.sleep(0.05)

    def _note(self, did: str, what: str) -> None:
        self._journal.write(f"{did} {what}\n")

    def pick(self) -> None:
        """Go on with what was begun, or claim the next work; a transaction for each bin."""
        with self._db.begin(actor="hand") as tx:
            begun = [row.id for row in works.work_list(tx, ("picking",), limit=BATCH)]
            claimed = floor.claim(tx, None, begun or None, limit=BATCH)
            skus = {row.id: row.sku for row in tx.rows(select(variant.c.id, variant.c.sku).order_by(variant.c.id))}
        for work in claimed:
            for stop in work.stops:
                name = f"{work.fulfillment_id} {stop.line_id} {stop.location_code} {stop.qty}"
                with self._db.begin(actor="hand") as tx:
                    floor.scan(tx, work.fulfillment_id, stop.location_code, f"at {name}")
                    answer = floor.scan(tx, work.fulfillment_id, skus[stop.variant_id], f"pick {name}", stop.qty)
                if answer.kind == "stop":
                    break

    def pack(self) -> None:
        """Every unit over the scanner, then the box is closed, in a transaction of its own."""
        with self._db.read() as tx:
            waiting = [works.detail(tx, row.id) for row in works.work_list(tx, ("picked",), limit=BATCH)]
        for found in waiting:
            with self._db.begin(actor="hand") as tx:
                answers = [
                    packing.scan(tx, found.row.id, line.sku, f"{found.row.id} pack {line.id}", line.to_pack)
                    for line in found.lines
                    if line.to_pack
                ]
            if any(answer.kind == "stop" for answer in answers):
                continue
            with self._db.begin(actor="hand") as tx:
                packing.close(tx, found.row.id, carriers=self._carriers)
            self._note("packed", found.row.id)

    def hand_over(self) -> None:
        """The vans are here: everything that may leave does."""
        with self._db.begin(actor="hand") as tx:
            ready = [waiting.fulfillment_id for load in dispatch.ready(tx) for waiting in load.ready][:20]
            results = dispatch.ship(tx, ready, f"van {tx.new_id()}") if ready else []
        for result in results:
            if result.is_done:
                self._note("shipped", result.fulfillment_id)

    def take_returns(self) -> None:
        """Returns are received and decided on, line by line."""
        r = goods_return.c
        with self._db.read() as tx:
            rows = tx.rows(select(r.id, r.status).where(r.status.in_(("approved", "received"))).order_by(r.id).limit(3))
            lines = returns.lines_of(tx, [row.id for row in rows])
            shelf = tx.scalar(
                select(location.c.id).where(location.c.kind == "bin", location.c.status == "active")
                .order_by(location.c.walk_sequence, location.c.id).limit(1)
            )  # fmt: skip
        for row in rows:
            if row.status == "approved":
                with self._db.begin(actor="hand") as tx:
                    take_back.receive(tx, row.id, {line.id: line.qty for line in lines[row.id]}, f"receive {row.id}")
                self._note("received", row.id)
            for line in lines[row.id]:
                outcome = ("restock", "quarantine", "scrap")[int(line.id[-2:], 16) % 3]
                with self._db.begin(actor="hand") as tx:
                    bin_id = shelf if outcome == "restock" else None
                    take_back.dispose(tx, line.id, line.qty, outcome, f"dispose {line.id}", bin_id=bin_id)
                self._note("decided", line.id)

    def refund_returns(self) -> None:
        """The money for what came back, once per return. One that was refunded otherwise is refused and left alone."""
        r = goods_return.c
        paid = select(remedy.c.id).where(remedy.c.command_id == "return:" + cast(r.id, Text) + ":money")
        with self._db.read() as tx:
            query = select(r.id).where(r.status == "closed", ~paid.exists(), r.id.not_in(self._hopeless))
            due = [row.id for row in tx.rows(query.order_by(r.id).limit(3))]
        for return_id in due:
            try:
                with self._db.begin(actor="hand") as tx:
                    take_back.refund_for_return(tx, return_id, reason="came back", command_id="money")
                self._note("refunded", return_id)
            except StorekeepError:
                self._hopeless.add(return_id)


def main(url: str, journal: str) -> None:
    db = Database(url)
    hand = Hand(house_of(db, url, name="hand"), Path(journal))
    said = False
    while True:
        hand.turn()
        if not said:
            said = True
            sys.stdout.write(f"{AT_WORK}\n")
            sys.stdout.flush()
        time.sleep(0.2)


if __name__ == "__main__":
    main(*sys.argv[1:])
