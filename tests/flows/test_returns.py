"""Goods come back: agreed to, received, decided on; and the money for them, which is another matter."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from warehouse import STAFF, Work, accounts, available, entries, mails, open_shop, units_at

from make import Shop, order
from storekeep.flows import resolve, send_again, take_back
from storekeep.flows.resolve import RefundWish
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict, Invalid, NotFound, Refused
from storekeep.shop.inventory import locations
from storekeep.shop.inventory import queries as stock
from storekeep.shop.inventory.tables import stock_move
from storekeep.shop.notify.tables import mail
from storekeep.shop.orders.tables import order_line, sales_order
from storekeep.shop.payments.tables import refund
from storekeep.shop.returns import queries, returns
from storekeep.shop.support import remedies

AGENT = f"staff:{STAFF}"


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> Shop:
    return open_shop(db, clock, tmp_path)


class Back:
    """An order that was sent, of which units come back."""

    def __init__(self, shop: Shop, wanted: dict[str, int], back: dict[str, int]) -> None:
        self.shop, self.db = shop, shop.db
        work = Work(shop, wanted)
        work.to_the_door()
        assert work.ship(f"ship {work.id}").is_done
        self.order_id = work.order_id
        with self.db.begin(actor=AGENT) as tx:
            units = {self.order_line(sku).id: count for sku, count in back.items()}
            applied = take_back.approve_return(tx, self.order_id, units, reason="too big", command_id="approve")
            self.id = applied.remedy_id

    def order_line(self, sku: str) -> Any:
        with self.db.read() as tx:
            found = select(order_line).where(order_line.c.order_id == self.order_id, order_line.c.sku == sku)
            return tx.first(found)

    def line(self, sku: str) -> Any:
        with self.db.read() as tx:
            return next(each for each in queries.lines(tx, self.id) if each.sku == sku)

    @property
    def row(self) -> Any:
        with self.db.read() as tx:
            return returns.load(tx, self.id)

    @property
    def order(self) -> Any:
        with self.db.read() as tx:
            return tx.first(select(sales_order).where(sales_order.c.id == self.order_id))

    def receive(self, units: dict[str, int], command: str = "box 1") -> int:
        with self.db.begin(actor=AGENT) as tx:
            return take_back.receive(tx, self.id, {self.line(sku).id: n for sku, n in units.items()}, command)

    def dispose(self, sku: str, units: int, outcome: str, command: str, bin_code: str | None = "A-02-1") -> bool:
        with self.db.begin(actor=AGENT) as tx:
            bin_id = locations.by_code(tx, bin_code).id if bin_code and outcome == "restock" else None
            return take_back.dispose(tx, self.line(sku).id, units, outcome, command, bin_id=bin_id)


def worth(shop: Shop) -> int:
    """What the goods ledger says that everything on hand is worth."""
    with shop.db.read() as tx:
        return stock.value_on_hand(tx)


def test_restocking_raises_what_can_be_sold_and_posts_no_refund(shop: Shop) -> None:
    back = Back(shop, {"MUG": 2}, {"MUG": 2})
    free, books = available(shop, "MUG"), accounts(shop)
    assert back.receive({"MUG": 2}) == 1000
    assert (available(shop, "MUG"), units_at(shop, "MUG", "quarantine")) == (free, 2)
    assert back.order.fulfillment_status == "returned"
    assert back.dispose("MUG", 2, "restock", "d1")
    assert (available(shop, "MUG"), units_at(shop, "MUG", "quarantine")) == (free + 2, 0)
    assert (back.row.status, back.order.status) == ("closed", "completed")
    after = accounts(shop)
    assert after.pop("1300") == books.pop("1300") + 1000
    assert after.pop("5000", 0) == books.pop("5000") - 1000
    assert after == books
    with shop.db.read() as tx:
        assert tx.rows(select(refund)) == []


def test_instructions_are_mailed_with_the_number_of_the_return(shop: Shop) -> None:
    back = Back(shop, {"MUG": 2}, {"MUG": 1})
    with shop.db.read() as tx:
        letter = tx.first(select(mail).where(mail.c.template == "return_instructions"))
        assert letter is not None
        assert f"return number {back.row.number}" in letter.body_text
        assert "1 x Mug" in letter.body_text
        assert "2026-12-07" in letter.body_text
    assert mails(shop, "return_instructions") == 1


def test_units_come_back_at_exactly_what_they_left_with(shop: Shop) -> None:
    back = Back(shop, {"TEA": 7}, {"TEA": 7})
    with shop.db.read() as tx:
        left = sum(move.value_minor for move in tx.rows(select(stock_move).where(stock_move.c.kind == "ship")))
    came = [back.receive({"TEA": count}, f"box {count}") for count in (3, 2, 1)] + [back.receive({"TEA": 1}, "last")]
    assert sum(came) == left
    assert "5000" not in accounts(shop, back.order_id)


def test_scrapping_takes_the_goods_off_the_books(shop: Shop) -> None:
    back = Back(shop, {"MUG": 2}, {"MUG": 2})
    free, unbooked = available(shop, "MUG"), worth(shop) - accounts(shop)["1300"]
    back.receive({"MUG": 2})
    assert not back.dispose("MUG", 1, "scrap", "d1")
    assert back.dispose("MUG", 1, "quarantine", "d2")
    assert (units_at(shop, "MUG", "scrap"), units_at(shop, "MUG", "quarantine")) == (1, 1)
    assert available(shop, "MUG") == free
    assert accounts(shop)["5100"] == 500
    assert worth(shop) - accounts(shop)["1300"] == unbooked


def test_the_same_box_received_twice_counts_once(shop: Shop) -> None:
    back = Back(shop, {"MUG": 2}, {"MUG": 2})
    assert back.receive({"MUG": 1}) == back.receive({"MUG": 1}) == 500
    assert back.order_line("MUG").returned == 1
    with pytest.raises(Conflict):
        back.receive({"MUG": 2})
    assert not back.dispose("MUG", 1, "restock", "d1")
    assert not back.dispose("MUG", 1, "restock", "d1")
    assert back.line("MUG").restocked == 1


def test_more_than_announced_and_more_than_waits_are_refused(shop: Shop) -> None:
    back = Back(shop, {"MUG": 3}, {"MUG": 2})
    with pytest.raises(Refused, match="2 of 2 announced units are still expected, not 3"):
        back.receive({"MUG": 3})
    with pytest.raises(Refused, match="whole number"):
        back.receive({"MUG": -1})
    with pytest.raises(Invalid):
        back.receive({"MUG": 0})
    with pytest.raises(Conflict, match="nothing to decide"):
        back.dispose("MUG", 1, "restock", "d1")
    back.receive({"MUG": 1}, "box 2")
    with pytest.raises(Refused, match="1 units of this line wait"):
        back.dispose("MUG", 2, "restock", "d2")
    with pytest.raises(Invalid, match="choose the bin"):
        back.dispose("MUG", 1, "restock", "d3", bin_code=None)
    with pytest.raises(Invalid, match="not a bin that is sold from"):
        back.dispose("MUG", 1, "restock", "d4", bin_code="MAIN-QUARANTINE")
    with pytest.raises(Invalid, match="An outcome is one of"):
        back.dispose("MUG", 1, "sell", "d5")
    assert units_at(shop, "MUG", "quarantine") == 1


def test_an_unknown_number_and_goods_that_were_never_sent_are_refused(shop: Shop) -> None:
    with shop.db.read() as tx, pytest.raises(NotFound, match="no return 99"):
        returns.by_number(tx, 99)
    placed = order(shop, {"MUG": 1}, paid=True)
    with shop.db.read() as tx:
        line = tx.first(select(order_line).where(order_line.c.order_id == placed.order_id))
        assert line is not None
        seen = take_back.preview_return(tx, placed.order_id, {line.id: 1})
    assert [problem.code for problem in seen.problems] == ["not_sent"]


def test_no_unit_is_announced_twice(shop: Shop) -> None:
    back = Back(shop, {"MUG": 3}, {"MUG": 2})
    mug = back.order_line("MUG").id
    with shop.db.begin(actor=AGENT) as tx:
        with pytest.raises(Refused, match="1 can still come back, not 2"):
            take_back.approve_return(tx, back.order_id, {mug: 2}, reason="both", command_id="x")
        made = [take_back.approve_return(tx, back.order_id, {mug: 1}, reason="it", command_id="y") for _ in range(2)]
        assert made[0].remedy_id == made[1].remedy_id


def test_a_replacement_that_was_not_sent_cannot_come_back(shop: Shop) -> None:
    back = Back(shop, {"MUG": 1}, {"MUG": 1})
    mug = back.order_line("MUG").id
    back.receive({"MUG": 1})
    with shop.db.begin(actor=AGENT) as tx:
        send_again.reship(tx, back.order_id, {mug: 1}, reason="damaged", command_id="again")
        second = take_back.approve_return(tx, back.order_id, {mug: 1}, reason="again", command_id="z").remedy_id
        line = returns.lines_of(tx, [second])[second][0]
        with pytest.raises(Refused, match="1 were sent and 1 came back before"):
            take_back.receive(tx, second, {line.id: 1}, "box 9")


def test_the_refund_for_a_return_is_for_exactly_what_came(shop: Shop) -> None:
    back = Back(shop, {"MUG": 3}, {"MUG": 3})
    with shop.db.read() as tx:
        assert not take_back.preview_refund_for_return(tx, back.id).is_possible
    back.receive({"MUG": 2})
    with shop.db.read() as tx:
        assert take_back.preview_refund_for_return(tx, back.id).amount_minor == 2500

    def give(command: str) -> Any:
        with shop.db.begin(actor=AGENT) as tx:
            return take_back.refund_for_return(tx, back.id, reason="came back", command_id=command)

    assert give("r1").amount_minor == 2500
    assert not give("r1").is_new
    back.receive({"MUG": 1}, "box 2")
    assert give("r2").amount_minor == 1250
    with pytest.raises(Refused):
        give("r3")
    shop.work()
    assert back.order.given_back_minor == 3750
    assert entries(shop, "refund.succeeded") == 2


def test_what_was_refunded_on_trust_is_not_refunded_again_when_it_comes(shop: Shop) -> None:
    back = Back(shop, {"MUG": 2}, {"MUG": 2})
    with shop.db.begin(actor=AGENT) as tx:
        wish = RefundWish({back.order_line("MUG").id: 2})
        resolve.refund(tx, back.order_id, wish, reason="on trust", command_id="t")
    back.receive({"MUG": 2})
    with shop.db.read() as tx:
        assert not take_back.preview_refund_for_return(tx, back.id).is_possible


def test_a_return_of_which_nothing_came_is_canceled(shop: Shop) -> None:
    back = Back(shop, {"MUG": 2}, {"MUG": 1})
    assert back.order.status == "open"
    with shop.db.begin(actor=AGENT) as tx:
        assert take_back.finish(tx, back.id) == "canceled"
        assert take_back.finish(tx, back.id) == "canceled"
        assert remedies.of(tx, order_id=back.order_id)[0].status == "failed"
    assert back.order.status == "completed"
    with pytest.raises(Conflict, match="is canceled"):
        back.receive({"MUG": 1})


def test_a_return_that_came_in_part_is_closed_when_nothing_more_is_coming(shop: Shop) -> None:
    back = Back(shop, {"MUG": 2}, {"MUG": 2})
    back.receive({"MUG": 1})
    with shop.db.begin(actor=AGENT) as tx, pytest.raises(Conflict, match="wait for a decision"):
        take_back.finish(tx, back.id)
    back.dispose("MUG", 1, "restock", "d1")
    with shop.db.begin(actor=AGENT) as tx:
        assert take_back.finish(tx, back.id) == "closed"
        assert remedies.of(tx, order_id=back.order_id)[0].status == "done"
    with shop.db.read() as tx:
        assert queries.listed(tx, status="closed").rows[0].received == 1
        assert queries.listed(tx).rows == ()


def test_goods_without_an_order_come_in_once_and_move_no_money_of_customers(shop: Shop) -> None:
    mug = shop.variants["MUG"]

    def take() -> str:
        with shop.db.begin(actor="system") as tx:
            return take_back.blind_return(tx, [(mug, 2, 450)], "no order known", "blind 1")

    assert take() == take()
    assert units_at(shop, "MUG", "quarantine") == 2
    books = accounts(shop)
    assert books["5000"] == -900
    with shop.db.begin(actor="system") as tx:
        first = take_back.manual_credit(tx, 1300, "EUR", "no order known", "credit 1")
        assert take_back.manual_credit(tx, 1300, "EUR", "no order known", "credit 1") == first
        with pytest.raises(Invalid):
            take_back.manual_credit(tx, 0, "EUR", "nothing", "credit 2")
        with pytest.raises(Conflict):
            take_back.manual_credit(tx, 1400, "EUR", "no order known", "credit 1")
    after = accounts(shop)
    assert (after["4010"], after["1000"]) == (1300, -1300)
    assert sum(after.values()) == 0
