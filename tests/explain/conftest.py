"""A small shop in which something was sent, returned, refunded, canceled and counted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from storekeep.kernel.clock import DAY, VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.ids import SeededIds
from templates import copied, filled, into_one_file, share_compiled
from verify.stories import Stories

BEGIN = 1_795_420_800_000_000


@dataclass
class Told:
    """The shop, and the numbers of its orders by story."""

    db: Database
    orders: dict[str, int]


@pytest.fixture(scope="session")
def told_once(
    engine_kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, int]]]:
    """The address of the shop, and the numbers of its orders by story."""
    folder, orders = tmp_path_factory.mktemp("told"), dict[str, int]()

    def tell(url: str) -> None:
        clock = VirtualClock(BEGIN)
        db = Database(url, clock=clock, ids=SeededIds(clock, seed=1), synchronous="OFF")
        orders.update(_tell(Stories(db, clock, folder)))
        into_one_file(db)

    with filled(engine_kind, request, folder, "told", tell) as url:
        yield url, orders


@pytest.fixture
def told(told_once: tuple[str, dict[str, int]], tmp_path: Path) -> Iterator[Told]:
    with copied(told_once[0], tmp_path) as url:
        db = Database(url, clock=VirtualClock(BEGIN + 7 * DAY), synchronous="OFF")
        share_compiled(db)
        yield Told(db, told_once[1])
        db.close()


def _tell(stories: Stories) -> dict[str, int]:
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
    with stories.db.read() as tx:
        numbers = {str(row.id): row.number for row in tx.sql("SELECT id, number FROM sales_order")}
    return {name: numbers[order_id] for name, order_id in ids.items()}
