"""Orders are proposed, released and picked together; what goes wrong on the way leaves nothing in two places."""

import threading
from pathlib import Path

import pytest
from cartwork import Cart
from sqlalchemy import func, select

import make
from storekeep.flows import batch_pick, cancel, floor, receive, shortage, waves
from storekeep.flows.waves import Wish
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.fulfillment import batches
from storekeep.shop.fulfillment.tables import fulfillment, pick_stop, scan_log
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.model import ReceiveLine


@pytest.fixture
def cart(db: Database, clock: VirtualClock, tmp_path: Path) -> Cart:
    return Cart(make.shop(db, clock, tmp_path / "media", {"MUG": (1250, 500, 20), "BOWL": (1990, 800, 4),
                                                          "TEA": (700, 300, 50)}))  # fmt: skip


def test_equal_single_units_make_a_pile_small_orders_a_cart_and_the_bulky_one_walks_alone(cart: Cart) -> None:
    piled = {cart.work({"MUG": 1}) for _ in range(3)}
    small = {cart.work({"MUG": 2, "TEA": 1}), cart.work({"TEA": 2}), cart.work({"BOWL": 1})}
    large = cart.work({"TEA": 40})
    found = cart.proposals()
    of = {proposal.kind: {work.fulfillment_id for work in proposal.works} for proposal in found}
    assert of == {"single_item": piled, "multi_item": small, "single": {large}}
    cluster = next(each for each in found if each.kind == "multi_item")
    assert (cluster.lines, cluster.units, cluster.stops) == (4, 6, 3)
    assert 0 < cluster.route.walk_mm <= cluster.route.s_shape_mm
    assert cluster.route.saved_mm == cluster.route.apart_mm - cluster.route.walk_mm > 0
    assert cart.proposals(promised_to="2000-01-01") == []


def test_a_cart_is_walked_once_and_every_order_ends_in_its_own_tote(cart: Cart) -> None:
    works = [cart.work({"MUG": 2, "TEA": 1}), cart.work({"TEA": 2, "BOWL": 1}), cart.work({"MUG": 1})]
    batch = cart.started("multi_item", *works)
    row = cart.row(batch)
    assert row.apart_mm > row.walk_mm > 0
    assert cart.proposals() == []
    cart.walk(batch)
    assert cart.row(batch).status == "done"
    assert cart.outcomes(batch) == ["picked"] * 3
    assert {cart.status(each) for each in works} == {"picked"}
    cart.check()


def test_a_pile_is_scanned_once_for_all_its_orders(cart: Cart) -> None:
    works = [cart.work({"TEA": 1}) for _ in range(4)]
    batch = cart.started("single_item", *works)
    assert cart.scan(batch, cart.tasks(batch)[0].location_code).is_right
    answer = cart.scan(batch, "TEA", 4)
    assert answer.kind == "done"
    assert len(answer.puts) == 4
    assert {cart.status(each) for each in works} == {"picked"}
    cart.check()


def test_a_wrong_bin_item_count_or_tote_does_not_advance(cart: Cart) -> None:
    batch = cart.started("multi_item", cart.work({"MUG": 2}), cart.work({"TEA": 1}))
    mug = next(task for task in cart.tasks(batch) if task.sku == "MUG")
    tea = next(task for task in cart.tasks(batch) if task.sku == "TEA")
    assert "Scan the bin first" in cart.scan(batch, "MUG").text
    assert "Not this one" in cart.scan(batch, "H-10-3").text
    assert cart.scan(batch, mug.location_code).is_right
    assert "Not this one" in cart.scan(batch, "TEA").text
    assert "Only 2 more" in cart.scan(batch, "MUG", 3).text
    assert "Nothing is in hand" in cart.scan(batch, f"T{mug.tote_no}").text
    assert cart.scan(batch, "MUG", 2).held.qty == 2
    assert "into a tote first" in cart.scan(batch, tea.location_code).text
    assert "does not belong" in cart.scan(batch, f"t{tea.tote_no}").text
    assert sum(task.qty for task in cart.tasks(batch)) == 3
    assert cart.scan(batch, f"t{mug.tote_no}").is_right
    assert [task.sku for task in cart.tasks(batch)] == ["TEA"]


def test_a_repeated_scan_gets_its_first_answer_and_moves_nothing(cart: Cart) -> None:
    batch = cart.started("multi_item", cart.work({"MUG": 2}), cart.work({"TEA": 1}))
    task = cart.tasks(batch)[0]
    cart.scan(batch, task.location_code)
    first = cart.scan(batch, task.sku, 1, "same-scan")
    assert cart.scan(batch, task.sku, 1, "same-scan") == first
    put = cart.scan(batch, f"T{task.tote_no}", 1, "same-put")
    assert cart.scan(batch, f"T{task.tote_no}", 1, "same-put") == put
    with cart.db.read() as tx:
        assert tx.scalar(select(func.count()).where(scan_log.c.scan_id.like("same-put%"))) == 2
    assert sum(each.qty for each in cart.tasks(batch)) == put.left


def test_undo_puts_down_what_is_in_hand_and_then_takes_out_of_the_tote(cart: Cart) -> None:
    work = cart.work({"MUG": 1})
    batch = cart.started("multi_item", work, cart.work({"TEA": 1}))
    task = next(task for task in cart.tasks(batch) if task.sku == "MUG")
    for code in (task.location_code, "MUG", f"T{task.tote_no}", task.location_code):
        cart.scan(batch, code)
    assert cart.status(work) == "picked"
    with cart.db.begin() as tx:
        answer = batch_pick.undo_last(tx, batch, "undo-1")
        assert batch_pick.undo_last(tx, batch, "undo-1") == answer
    assert "Undone: 1" in answer.text
    assert cart.status(work) == "picking"
    assert cart.outcomes(batch) == ["open", "open"]
    cart.scan(batch, task.location_code)
    cart.scan(batch, "MUG")
    with cart.db.begin() as tx:
        assert "Put down 1" in batch_pick.undo_last(tx, batch, "undo-2").text
    with cart.db.begin() as tx, pytest.raises(Conflict):
        batch_pick.undo_last(tx, batch, "undo-3")
    cart.check()


def test_a_short_bin_serves_the_first_totes_and_tells_the_orders_of_the_others(cart: Cart) -> None:
    works = [cart.work({"BOWL": 2}), cart.work({"BOWL": 2, "TEA": 1})]
    batch = cart.started("multi_item", *works)
    task = next(task for task in cart.tasks(batch) if task.sku == "BOWL")
    with cart.db.begin() as tx, pytest.raises(Invalid):
        batch_pick.short(tx, batch, task.location_id, task.variant_id, 4, "missing", "short-1")
    with cart.db.begin(actor="hand") as tx:
        told = batch_pick.short(tx, batch, task.location_id, task.variant_id, 3, "missing", "short-1")
    assert "Tote 2" in told
    assert "taken off the order" in told
    with cart.db.begin(actor="hand") as tx:
        assert batch_pick.short(tx, batch, task.location_id, task.variant_id, 3, "missing", "short-1") == told
    assert sum(each.qty for each in cart.tasks(batch) if each.sku == "BOWL") == 3
    cart.walk(batch)
    assert cart.row(batch).status == "done"
    cart.check()


def test_an_order_canceled_meanwhile_stops_the_next_scan_and_names_its_tote(cart: Cart) -> None:
    works = [cart.work({"MUG": 1}), cart.work({"TEA": 1})]
    batch = cart.started("multi_item", *works)
    with cart.db.begin(actor="agent") as tx:
        order_id = tx.scalar(select(fulfillment.c.order_id).where(fulfillment.c.id == works[0]))
        cancel.cancel_order(tx, order_id, reason="changed their mind", command_id="cancel-it")
    task = next(task for task in cart.tasks(batch) if task.sku == "TEA")
    answer = cart.scan(batch, task.location_code)
    assert answer.kind == "stop"
    assert "tote 1" in answer.text
    cart.walk(batch)
    assert cart.outcomes(batch) == ["called_off", "picked"]
    assert cart.row(batch).status == "done"
    cart.check()


def test_when_the_last_order_of_a_batch_is_canceled_the_chore_ends_it(cart: Cart) -> None:
    work = cart.work({"MUG": 1})
    batch = cart.started("single", work)
    with cart.db.begin(actor="agent") as tx:
        order_id = tx.scalar(select(fulfillment.c.order_id).where(fulfillment.c.id == work))
        cancel.cancel_order(tx, order_id, reason="changed their mind", command_id="cancel-it")
        batch_pick.tidy(tx)
    assert cart.scan(batch, "MUG").kind in ("stop", "done")
    with cart.db.begin() as tx:
        batch_pick.tidy(tx)
    assert cart.row(batch).status == "done"
    assert cart.outcomes(batch) == ["called_off"]


def test_what_waits_in_a_batch_is_not_handed_out_one_by_one(cart: Cart) -> None:
    works = [cart.work({"MUG": 1}), cart.work({"TEA": 1})]
    alone = cart.work({"BOWL": 1})
    batch = cart.released("multi_item", *works)
    with cart.db.begin() as tx:
        assert [each.fulfillment_id for each in floor.claim(tx, None, limit=10)] == [alone]
        with pytest.raises(Conflict, match=f"batch {cart.row(batch).number}"):
            floor.claim(tx, None, [works[0]])
    with cart.db.begin() as tx:
        waves.cancel(tx, [batch])
        waves.cancel(tx, [batch])
        assert {each.fulfillment_id for each in floor.claim(tx, None, limit=10)} == set(works)
    assert cart.outcomes(batch) == ["left", "left"]


def test_planning_the_same_twice_makes_one_batch_and_a_claimed_order_none(cart: Cart) -> None:
    works = (cart.work({"MUG": 1}), cart.work({"TEA": 1}))
    other = cart.work({"BOWL": 1})
    with cart.db.begin() as tx:
        first = waves.plan(tx, [Wish("multi_item", works)])
        assert waves.plan(tx, [Wish("multi_item", works)]) == first
    with cart.db.begin() as tx, pytest.raises(Conflict, match="already"):
        waves.plan(tx, [Wish("multi_item", (works[0], other))])
    with cart.db.begin() as tx, pytest.raises(Invalid):
        waves.plan(tx, [Wish("single", ())])
    with cart.db.begin() as tx:
        floor.claim(tx, None, [other])
    with cart.db.begin() as tx, pytest.raises(Conflict, match="picking"):
        waves.plan(tx, [Wish("single", (other,))])


def test_a_late_order_joins_a_running_wave_with_the_next_tote(cart: Cart) -> None:
    batch = cart.started("multi_item", cart.work({"MUG": 1}), cart.work({"TEA": 1}))
    late = cart.work({"BOWL": 1})
    with cart.db.begin() as tx:
        assert waves.join(tx, batch, late) == 3
        assert waves.join(tx, batch, late) == 3
    assert cart.status(late) == "picking"
    cart.walk(batch)
    assert cart.status(late) == "picked"
    cart.check()
    later = cart.work({"BOWL": 1})
    with cart.db.begin() as tx, pytest.raises(Conflict, match="takes no more"):
        waves.join(tx, batch, later)


def test_ending_a_walk_gives_the_rest_back_to_the_list(cart: Cart) -> None:
    works = [cart.work({"MUG": 1}), cart.work({"TEA": 1})]
    batch = cart.started("multi_item", *works)
    task = cart.tasks(batch)[0]
    for code in (task.location_code, task.sku, f"T{task.tote_no}"):
        cart.scan(batch, code)
    with cart.db.begin() as tx:
        batch_pick.end(tx, batch)
        batch_pick.end(tx, batch)
    assert sorted(cart.outcomes(batch)) == ["left", "picked"]
    assert sorted(cart.status(each) for each in works) == ["open", "picked"]
    cart.check()


def test_two_people_cannot_walk_one_batch(cart: Cart) -> None:
    batch = cart.released("multi_item", cart.work({"MUG": 1}), cart.work({"TEA": 1}))
    with cart.db.begin() as tx:
        assert batch_pick.start(tx, None) == batch
        assert batch_pick.start(tx, None, batch) == batch
        with pytest.raises(Conflict, match="somebody else"):
            batch_pick.start(tx, "0192f000-0000-7000-8000-000000000001", batch)
        assert batch_pick.start(tx, None) is None


def test_a_story_that_moves_goods_does_not_wait_for_a_scan_of_their_batch(cart: Cart) -> None:
    """Else the two would wait for each other: the scan holds its batch and wants the stock that the story holds."""
    if cart.db.dialect == "sqlite":
        pytest.skip("on SQLite there is one writer at a time")
    with cart.db.begin(actor="owner") as tx:
        further = locations.by_code(tx, "B-01-1").id
        receive.receive(tx, [ReceiveLine(cart.shop.variants["TEA"], 9, 300, further)], cart.home, "more", "more tea")
    batch = cart.started("multi_item", cart.work({"TEA": 1}), cart.work({"TEA": 2}))
    at = cart.tasks(batch)[0].location_id
    done: list[bool] = []

    def story() -> None:
        with cart.db.begin(actor="owner") as tx:
            displaced = locations.set_status(tx, at, "blocked", "the shelf is broken")
            shortage.give_up(tx, displaced, "the shelf is broken", "block-1")
        done.append(True)

    other = threading.Thread(target=story)
    with cart.db.begin(actor="hand") as tx:
        batches.lock(tx, [batch])
        other.start()
        other.join(10)
        was_done = list(done)
    other.join()
    assert was_done == [True]
    cart.check()


def test_goods_that_are_sent_to_another_bin_become_a_stop_of_their_batch(cart: Cart) -> None:
    works = [cart.work({"TEA": 1}), cart.work({"TEA": 2})]
    with cart.db.begin(actor="owner") as tx:
        further = locations.by_code(tx, "B-01-1").id
    with cart.db.begin(actor="owner") as tx:
        receive.receive(tx, [ReceiveLine(cart.shop.variants["TEA"], 9, 300, further)], cart.home, "more", "more tea")
    batch = cart.started("multi_item", *works)
    at = cart.tasks(batch)[0].location_id
    with cart.db.begin(actor="owner") as tx:
        displaced = locations.set_status(tx, at, "blocked", "the shelf is broken")
        shortage.give_up(tx, displaced, "the shelf is broken", "block-1")
    assert {task.location_code for task in cart.tasks(batch)} == {"B-01-1"}
    with cart.db.read() as tx:
        planned = {row.location_id for row in tx.rows(select(pick_stop).where(pick_stop.c.batch_id == batch))}
    assert further in planned
    cart.walk(batch)
    cart.check()
