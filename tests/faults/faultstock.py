"""Stories of the goods in their places: delivered, counted, carried, set aside, thrown away."""

from typing import Any

from faultending import no_lamps_left
from faulthandling import hand
from faultselling import count, mails, order, paying
from faultstage import Stage
from faultstory import Step, story

from storekeep.flows import receive
from storekeep.kernel.db import Tx
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.model import PutawayLine, ReceiveLine
from storekeep.shop.inventory.tables import stock_move


def goods(do: Any) -> Step:
    def act(tx: Tx, stage: Stage) -> None:
        facts = stage.facts
        do(tx, facts.variants, facts.bins, facts.warehouse)

    return hand(act)


def _moved(*commands: str) -> Any:
    def proves(stage: Stage) -> None:
        for command in commands:
            assert count(stage, stock_move, stock_move.c.command_id == command) >= 1

    return proves


def _delivery(tx: Tx, variants: dict[str, str], _: Any, warehouse_id: str) -> None:
    lines = [ReceiveLine(variants["MUG"], 7, 357), ReceiveLine(variants["TEA"], 5, 310)]
    receive.receive(tx, lines, warehouse_id, "in", "delivery")


story(
    "a delivery comes in and is put away",
    goods(_delivery),
    goods(lambda tx, v, b, w: receive.put_away(tx, [PutawayLine(v["MUG"], 7, b["B-02-1"])], w, "away")),
    proves=_moved("in", "away"),
)
story(
    "a count finds less and more",
    goods(lambda tx, v, b, w: receive.adjust(tx, [Correction(v["MUG"], b["B-01-1"], -1, "broken in the bin", "less")])),
    goods(lambda tx, v, b, w: receive.adjust(tx, [Correction(v["TEA"], b["B-01-1"], 2, "behind the shelf", "more")])),
    proves=_moved("less", "more"),
)
story(
    "goods are carried, set aside and thrown away",
    goods(lambda tx, v, b, w: receive.transfer(tx, [(v["MUG"], b["B-01-1"], b["B-02-1"], 2)], "carry")),
    goods(lambda tx, v, b, w: receive.set_aside(tx, v["MUG"], b["B-02-1"], 1, "chipped", "aside")),
    goods(lambda tx, v, b, w: receive.scrap(tx, v["MUG"], b["B-02-1"], 1, "in pieces", "thrown")),
    proves=_moved("carry", "aside", "thrown"),
)


def _shortened(stage: Stage) -> None:
    row = order(stage, "unpaid")
    assert row.total_minor - row.owed_minor == 4900
    assert mails(stage, "canceled") == 1


story(
    "reserved goods are thrown away from under a paid order",
    paying("unpaid"),
    lambda stage: stage.house.worker.step(),
    hand(no_lamps_left),
    proves=_shortened,
)
