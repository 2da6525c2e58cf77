"""Counts confirmed and posted while others carry, receive and decide in threads of their own: every delta is right."""

import random
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

import make
from storekeep.flows import count, receive
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.inventory import count_queries, locations
from storekeep.shop.inventory.count_rules import CountRules
from storekeep.shop.inventory.count_tasks import TaskDraft
from storekeep.shop.inventory.counting import Entry
from storekeep.shop.inventory.tables import count_line, stock_move
from storekeep.shop.reports import verify

ROUNDS = 12


def test_counts_meet_carriers_and_deciders_and_every_delta_is_that_of_its_moment(
    db: Database, clock: VirtualClock, tmp_path: Path
) -> None:
    shop = make.shop(db, clock, tmp_path)
    mug = shop.variants["MUG"]
    with db.read() as tx:
        a, b = locations.by_code(tx, "A-01-1").id, locations.by_code(tx, "B-01-1").id
    with db.begin("owner") as tx:
        count.save_rules(tx, CountRules(recount_units=6, recount_minor=10_000, approve_units=6, approve_minor=10_000))
    stumbles: list[BaseException] = []
    counting_ends = threading.Semaphore(0)

    def attempt(actor: str, act: Any) -> Any:
        try:
            with db.begin(f"staff:{actor}") as tx:
                return act(tx)
        except StorekeepError:
            return None

    def carry(name: str) -> None:
        rng = random.Random(name)
        for n in range(ROUNDS * 2):
            ends = (a, b) if rng.random() < 0.5 else (b, a)
            step = (mug, *ends, rng.randint(1, 4))
            attempt(name, lambda tx, n=n, step=step: receive.transfer(tx, [step], f"{name} {n}"))

    def counted(name: str) -> None:
        rng = random.Random(name)
        for n in range(ROUNDS):
            task = attempt(name, lambda tx: count.open_tasks(tx, [TaskDraft(a, "cycle", "race", variant_ids=(mug,))]))
            if not task:
                continue
            with db.read() as tx:
                lines = [row for row in count_queries.lines_of(tx, task[0]) if row.status in ("open", "recount")]
            for line in lines:
                entry = Entry(line.id, rng.randint(0, 25), is_sure=True)
                command = f"{name} {n} {line.id}"
                attempt(name, lambda tx, entry=entry, command=command: count.count_lines(tx, [entry], command))
        counting_ends.release()

    def decide(name: str) -> None:
        rng = random.Random(name)
        n, is_over = 0, False
        while not is_over:
            n, is_over = n + 1, counting_ends.acquire(timeout=0.01)  # one look more after a counter has gone home
            with db.read() as tx:
                ids = [row.id for row in tx.rows(select(count_line.c.id).where(count_line.c.status == "review"))]
            for each in ids:
                if rng.random() < 0.7:
                    attempt(name, lambda tx, n=n, each=each: count.approve(tx, [each], "seen", f"{name} {n} {each}"))
                else:
                    attempt(name, lambda tx, n=n, each=each: count.reject(tx, [each], "no", f"{name} {n} {each}"))

    def live(act: Any, name: str) -> None:
        try:
            act(name)
        except BaseException as stumble:
            stumbles.append(stumble)

    people = [(carry, "carl"), (carry, "cleo"), (counted, "ann"), (counted, "bob"), (decide, "boss"),
              (decide, "deputy")]  # fmt: skip
    threads = [threading.Thread(target=live, args=each) for each in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert stumbles == []
    with db.read() as tx:
        report = verify.run(tx)
        posted = tx.scalar(select(func.count()).where(stock_move.c.document_type == "count_line"))
    assert report.status == "ok", report.as_text()
    assert posted > 0, "some counts differed and were posted"
