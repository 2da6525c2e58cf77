"""Returns as documents: what a return refuses by itself, whatever the goods and the money do."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from make import Shop, shop
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Invalid, NotFound
from storekeep.shop.returns import queries, returns
from storekeep.shop.returns.model import NewReturn, NewReturnLine
from storekeep.shop.returns.states import OUTCOMES, RETURN
from storekeep.shop.returns.tables import goods_return_line

ORDER, LINE = "0192f000-0000-7000-8000-0000000000a1", "0192f000-0000-7000-8000-0000000000b1"


@pytest.fixture
def made(db: Database, clock: VirtualClock, tmp_path: Path) -> Shop:
    return shop(db, clock, tmp_path)


def approve(made: Shop, count: int = 1) -> list[str]:
    with made.db.begin(actor="staff:x") as tx:
        ids = [tx.new_id() for _ in range(count)]
        line = NewReturnLine(LINE, made.variants["MUG"], 3)
        returns.approve(tx, [NewReturn(each, ORDER, "too big", (line,)) for each in ids])
    return ids


def test_an_end_is_an_end() -> None:
    assert not RETURN.edges["closed"] | RETURN.edges["canceled"]
    assert set(RETURN.edges) == set(RETURN.labels)
    assert set(OUTCOMES) == {"restock", "quarantine", "scrap"}


def test_announced_units_count_until_they_come_or_are_given_up(made: Shop) -> None:
    first, second = approve(made, 2)
    with made.db.begin() as tx:
        assert returns.announced(tx, ORDER) == {LINE: 6}
        row, line = returns.load(tx, first, lock=True), returns.lines_of(tx, [first])[first][0]
        returns.receive(tx, row, returns.check_receipt(row, [line], {line.id: 2}))
        assert returns.announced(tx, ORDER) == {LINE: 4}
        assert returns.finish(tx, returns.load(tx, second)) == "canceled"
        assert returns.announced(tx, ORDER) == {LINE: 1}


def test_an_empty_return_is_refused(made: Shop) -> None:
    with made.db.begin() as tx:
        for lines in ((), (NewReturnLine(LINE, made.variants["MUG"], 0),)):
            with pytest.raises(Invalid):
                returns.approve(tx, [NewReturn(tx.new_id(), ORDER, "why", lines)])
        with pytest.raises(NotFound):
            returns.load(tx, ORDER)
        with pytest.raises(NotFound):
            returns.line(tx, LINE)


def test_the_schema_itself_refuses_more_units_than_were_announced(made: Shop) -> None:
    approve(made)
    with pytest.raises(sa.exc.IntegrityError), made.db.begin() as tx:
        tx.run(sa.update(goods_return_line).values(received=4))
    with pytest.raises(sa.exc.IntegrityError), made.db.begin() as tx:
        tx.run(sa.update(goods_return_line).values(received=1, restocked=1, scrapped=1))


def test_the_list_pages_by_key_with_the_latest_first(made: Shop) -> None:
    ids = approve(made, 3)
    with made.db.read() as tx:
        first = queries.listed(tx, limit=2)
        rest = queries.listed(tx, limit=2, after=first.next_after)
        assert [each.id for each in (*first.rows, *rest.rows)] == ids[::-1]
        assert rest.next_after is None
        assert (first.rows[0].qty, first.rows[0].received) == (3, 0)
        assert [each.id for each in queries.of_order(tx, ORDER)] == ids[::-1]
