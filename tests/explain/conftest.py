"""A small shop in which something was sent, returned, refunded, canceled and counted."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from verify.stories import Stories


@dataclass
class Told:
    """The shop, and the numbers of its orders by story."""

    db: Database
    orders: dict[str, int]


@pytest.fixture
def told(db: Database, clock: VirtualClock, tmp_path: Path) -> Told:
    stories = Stories(db, clock, tmp_path)
    stories.goods_come_and_are_counted()
    orders = {"refunded": {"MUG": 3, "BOWL": 1}, "returned": {"TEA": 4, "MUG": 1}, "again": {"BOWL": 2}}
    acts: dict[str, Callable[[str], None]] = {
        "refunded": stories.problem_and_refund, "returned": stories.goods_come_back, "again": stories.sent_again,
    }  # fmt: skip
    ids = {}
    for name, wanted in orders.items():
        ids[name] = stories.sent(wanted)
        acts[name](ids[name])
    stories.canceled_in_all_ways()
    with db.read() as tx:
        numbers = {str(row.id): row.number for row in tx.sql("SELECT id, number FROM sales_order")}
    return Told(db, {name: numbers[order_id] for name, order_id in ids.items()})
