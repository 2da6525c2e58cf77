"""Goods between two warehouses: every unit is accounted for, at its value, with its lot, and none sold on the way."""

import pytest
from lorry import Lorry

from storekeep.kernel.errors import Conflict, Invalid, StorekeepError
from storekeep.shop.inventory import reservations
from storekeep.shop.inventory.errors import NotEnoughStock
from storekeep.shop.inventory.model import FirmLine, FirmRequest
from storekeep.shop.transfers.errors import MoreThanSent, StillOnTheWay


def test_goods_go_from_shelf_to_shelf_and_keep_their_value(lorry: Lorry) -> None:
    before = lorry.value()
    transfer_id = lorry.draft(MUG=12)
    assert lorry.status(transfer_id) == "draft"
    lorry.load(transfer_id, "MUG", 12)
    assert lorry.status(transfer_id) == "loading"
    assert (lorry.available("MUG", lorry.south), lorry.available("MUG", lorry.north)) == (28, 0)
    assert lorry.units("MUG", lorry.north, "transit") == 12
    lorry.sound()
    lorry.depart(transfer_id)
    lorry.arrive(transfer_id, "MUG", 5, at="N-1")
    assert lorry.status(transfer_id) == "part_received"
    assert lorry.available("MUG", lorry.north) == 5
    lorry.arrive(transfer_id, "MUG", 7)
    assert lorry.units("MUG", lorry.north, "receiving") == 7
    lorry.finish(transfer_id)
    assert lorry.status(transfer_id) == "received"
    assert lorry.value() == before
    lorry.sound()


def test_what_is_on_the_way_is_promised_by_nobody(lorry: Lorry) -> None:
    lorry.sent(MUG=40)
    with lorry.db.begin(actor="shopper") as tx:
        line = FirmLine(tx.new_id(), lorry.variants["MUG"], 1)
        (outcome,) = reservations.firm(tx, [FirmRequest(None, tx.new_id(), (line,))])
    assert [(short.wanted, short.available) for short in outcome.lines] == [(1, 0)]


def test_what_a_buyer_was_promised_does_not_leave(lorry: Lorry) -> None:
    with lorry.db.begin(actor="shopper") as tx:
        line = FirmLine(tx.new_id(), lorry.variants["MUG"], 35)
        reservations.firm(tx, [FirmRequest(None, tx.new_id(), (line,))])
    transfer_id = lorry.draft(MUG=6)
    with pytest.raises(NotEnoughStock):
        lorry.load(transfer_id, "MUG", 6)
    lorry.load(transfer_id, "MUG", 5)
    assert lorry.available("MUG", lorry.south) == 35


def test_lots_move_with_their_goods(lorry: Lorry) -> None:
    transfer_id = lorry.draft(JAR=20)
    lorry.load(transfer_id, "JAR", 15, "S-1")
    lorry.load(transfer_id, "JAR", 5, "S-2")
    lorry.depart(transfer_id)
    with pytest.raises(Invalid, match="several lots"):
        lorry.arrive(transfer_id, "JAR", 1)
    lorry.arrive(transfer_id, "JAR", 5, at="N-1", of="LATE")
    lorry.arrive(transfer_id, "JAR", 15, at="N-1")
    assert lorry.units("JAR", lorry.north, "bin", of="EARLY") == 15
    assert lorry.units("JAR", lorry.north, "bin", of="LATE") == 5
    lorry.finish(transfer_id)
    lorry.sound()


def test_a_transfer_does_not_end_while_a_unit_is_unexplained(lorry: Lorry) -> None:
    transfer_id = lorry.sent(MUG=10, JAR=4)
    lorry.arrive(transfer_id, "MUG", 8)
    with pytest.raises(StillOnTheWay, match="6 units on 2 lines"):
        lorry.finish(transfer_id)
    with pytest.raises(StillOnTheWay, match="4 units on 1 lines"):
        lorry.finish(transfer_id, [("MUG", "lost")])
    before = lorry.value()
    lorry.finish(transfer_id, [("MUG", "lost"), ("JAR", "returned")], "the end")
    lorry.finish(transfer_id, [("MUG", "lost"), ("JAR", "returned")], "the end")
    assert lorry.status(transfer_id) == "closed_with_loss"
    assert before - lorry.value() == 2 * 500
    assert lorry.units("JAR", lorry.south, "receiving", of="EARLY") == 4
    assert lorry.units("MUG", lorry.north, "transit") == 0
    lorry.sound()


def test_damaged_goods_are_set_aside_and_more_than_was_sent_is_asked_twice(lorry: Lorry) -> None:
    transfer_id = lorry.sent(MUG=10)
    with pytest.raises(Invalid, match="say why"):
        lorry.arrive(transfer_id, "MUG", 2, damaged=True)
    lorry.arrive(transfer_id, "MUG", 2, damaged=True, reason="fell off the pallet")
    assert lorry.units("MUG", lorry.north, "quarantine") == 2
    with pytest.raises(MoreThanSent, match="11 of MUG are here then, and 10 were sent"):
        lorry.arrive(transfer_id, "MUG", 9)
    lorry.arrive(transfer_id, "MUG", 9, reason="packed one too many")
    lorry.arrive(transfer_id, "PAN", 1, reason="nobody sent it")
    line = lorry.line(transfer_id, "MUG")
    assert (line.received, line.damaged, line.extra, line.on_the_way) == (8, 2, 1, 0)
    assert lorry.line(transfer_id, "PAN").extra == 1
    lorry.finish(transfer_id)
    assert lorry.status(transfer_id) == "received"
    lorry.sound()


def test_the_same_scan_twice_counts_once(lorry: Lorry) -> None:
    transfer_id = lorry.draft(MUG=4)
    for _ in range(2):
        lorry.load(transfer_id, "MUG", 4, command="load once")
    lorry.depart(transfer_id)
    lorry.depart(transfer_id)
    for _ in range(2):
        lorry.arrive(transfer_id, "MUG", 3, command="come once")
    with pytest.raises(Conflict):
        lorry.arrive(transfer_id, "MUG", 1, command="come once")
    assert (lorry.line(transfer_id, "MUG").sent, lorry.line(transfer_id, "MUG").received) == (4, 3)


def test_canceled_before_it_left_everything_is_at_the_senders_again(lorry: Lorry) -> None:
    transfer_id = lorry.draft(MUG=4, JAR=2)
    with pytest.raises(Conflict, match="nothing is loaded"):
        lorry.depart(transfer_id)
    lorry.load(transfer_id, "MUG", 4)
    before = lorry.value()
    lorry.cancel(transfer_id)
    lorry.cancel(transfer_id)
    assert lorry.status(transfer_id) == "canceled"
    assert lorry.units("MUG", lorry.south, "receiving") == 4
    assert lorry.value() == before
    for act in (lambda: lorry.load(transfer_id, "MUG", 1), lambda: lorry.arrive(transfer_id, "MUG", 1)):
        with pytest.raises(Conflict):
            act()
    lorry.sound()


def test_what_makes_no_sense_is_refused(lorry: Lorry) -> None:
    with lorry.db.begin(actor="staff:a") as tx, pytest.raises(Invalid):
        from storekeep.flows import transfers

        transfers.draft(tx, lorry.south, lorry.south, "", "to itself")
    transfer_id = lorry.draft(MUG=1)
    for qty in (0, -1, 10**12):
        with pytest.raises(Invalid):
            lorry.load(transfer_id, "MUG", qty)
    with pytest.raises(Invalid, match="not in the warehouse"):
        lorry.load(transfer_id, "MUG", 1, "N-1")
    with pytest.raises(StorekeepError):
        lorry.load(transfer_id, "MUG", 41)
    lorry.load(transfer_id, "MUG", 1)
    lorry.depart(transfer_id)
    with pytest.raises(Conflict):
        lorry.load(transfer_id, "MUG", 1)
    with pytest.raises(Invalid, match="no bin of the warehouse"):
        lorry.arrive(transfer_id, "MUG", 1, at="S-1")
    with pytest.raises(Conflict):
        lorry.cancel(transfer_id)
    lorry.sound()
