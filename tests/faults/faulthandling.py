"""Stories of handling: picking, packing, labels, hand-over, scans on the way, and the goods in the bins."""

from typing import Any

from faultground import HAND
from faultselling import count, mails, order, rows
from faultstage import Stage
from faultstory import AskAgain, Step, at, story, write
from sqlalchemy import select

from storekeep.flows import dispatch, floor, packing, recover, tracking
from storekeep.kernel import inbox
from storekeep.kernel.clock import DAY, HOUR, MINUTE
from storekeep.kernel.db import Tx
from storekeep.kernel.jsontext import dump
from storekeep.shop.fulfillment import queries
from storekeep.shop.fulfillment.tables import fulfillment
from storekeep.shop.inventory.tables import stock_move
from storekeep.shop.shipping.tables import label_purchase, shipment
from storekeep.shop.support.tables import conversation

CODES = {
    "swallow": {"accepted": "S20", "in_transit": "S30", "delivered": "S70", "lost": "S95"},
    "northline": {"accepted": "PUP", "in_transit": "HUB", "delivered": "POD", "lost": "LST"},
}


def hand(do: Any) -> Step:
    """One transaction of a warehouse hand."""
    return write(f"staff:{HAND}", do)


def status_of(stage: Stage, name: str) -> str:
    return str(rows(stage, select(fulfillment.c.status).where(fulfillment.c.id == stage.facts.work[name]))[0].status)


def claiming(name: str) -> Step:
    return hand(lambda tx, stage: floor.claim(tx, HAND, [stage.facts.work[name]]))


def picking(name: str, code: str, qty: int, scan: str, verdict: str = "right") -> Step:
    def do(tx: Tx, stage: Stage) -> None:
        answer = floor.scan(tx, stage.facts.work[name], code, scan, qty)
        assert (answer.is_right if verdict == "right" else answer.kind == verdict), answer

    return hand(do)


def packs(name: str, code: str, qty: int, scan: str) -> Step:
    def do(tx: Tx, stage: Stage) -> None:
        answer = packing.scan(tx, stage.facts.work[name], code, scan, qty)
        assert answer.is_right, answer

    return hand(do)


def undoing(name: str, scan: str) -> Step:
    return hand(lambda tx, stage: floor.undo_last(tx, stage.facts.work[name], scan))


def _is(name: str, status: str) -> Any:
    def proves(stage: Stage) -> None:
        assert status_of(stage, name) == status

    return proves


# --- the floor ---

story("work is claimed", claiming("paid"), claiming("paid"), proves=_is("paid", "picking"))
story(
    "an order is picked with a wrong scan and a change of mind",
    picking("picking", "BOWL", 1, "scan 1", "wrong"),
    picking("picking", "TEA", 3, "scan 2"),
    undoing("picking", "scan 3"),
    picking("picking", "TEA", 3, "scan 4"),
    picking("picking", "MUG", 2, "scan 5"),
    picking("picking", "VASE", 3, "scan 6"),
    proves=_is("picking", "picked"),
)
story(
    "claimed work is given back and taken anew",
    picking("picking", "MUG", 1, "scan 1"),
    hand(lambda tx, stage: floor.release_claim(tx, stage.facts.work["picking"])),
    hand(lambda tx, stage: floor.claim(tx, HAND, [stage.facts.work["picking"]])),
    picking("picking", "MUG", 1, "scan 2"),
    picking("picking", "TEA", 3, "scan 3"),
    picking("picking", "VASE", 3, "scan 4"),
    proves=_is("picking", "picked"),
)


def missing(name: str, sku: str, found: int, command: str, reason: str = "missing") -> Step:
    def do(tx: Tx, stage: Stage) -> None:
        bin_id = stage.memo.get(f"{command} bin")
        floor.short(tx, stage.facts.work_lines[name][sku], found, reason, command, location_id=bin_id)

    def step(stage: Stage) -> object:
        # The gun remembers at which bin its button was pressed.
        if f"{command} bin" not in stage.memo:
            work_id, line_id = stage.facts.work[name], stage.facts.work_lines[name][sku]
            stops = stage.look(lambda tx: queries.stops_of(tx, [work_id])[work_id])
            stage.memo[f"{command} bin"] = next(stop.location_id for stop in stops if stop.line_id == line_id)
        return hand(do)(stage)

    return step


def _sent_on(stage: Stage) -> None:
    assert mails(stage, "canceled") == 0
    assert order(stage, "picking").owed_minor == order(stage, "picking").total_minor


def _lost(stage: Stage) -> None:
    row = order(stage, "picking")
    assert row.total_minor - row.owed_minor == 2 * 2900
    assert mails(stage, "canceled") == 1


story("a bin is short and another one helps", missing("picking", "MUG", 0, "short 1"), proves=_sent_on)
story("nobody finds the vases", missing("picking", "VASE", 1, "short 1"), proves=_lost)
story("the tea is torn", missing("picking", "TEA", 1, "short 1", "damaged"), proves=_sent_on)


# --- the pack station ---


def closing(*names: str) -> Step:
    def do(tx: Tx, stage: Stage) -> None:
        for name in names:
            packing.close(tx, stage.facts.work[name], 700)

    return hand(do)


def _ready(*names: str) -> Any:
    def proves(stage: Stage) -> None:
        assert len([n for book in stage.carriers.values() for n in book.sold]) == len(names)
        for name in names:
            s = shipment.c
            found = rows(stage, select(s.id, s.status).where(s.order_id == stage.facts.orders[name]))
            assert [row.status for row in found] == ["labelled"]
            bought = label_purchase.c.shipment_id == found[0].id
            assert [row.status for row in rows(stage, select(label_purchase).where(bought))] == ["bought"]
            assert order(stage, name).payment_status == "paid"

    return proves


_PACKED = (packs("picked", "MUG", 2, "pack 1"), packs("picked", "TEA", 3, "pack 2"))

story("a box is packed, labelled and paid for", *_PACKED, closing("picked"), closing("picked"), proves=_ready("picked"))
story(
    "two boxes get their labels together",
    picking("picking", "MUG", 2, "scan 1"),
    picking("picking", "TEA", 3, "scan 2"),
    picking("picking", "VASE", 3, "scan 3"),
    packs("picking", "MUG", 2, "pack 3"),
    packs("picking", "TEA", 3, "pack 4"),
    packs("picking", "VASE", 3, "pack 5"),
    *_PACKED,
    closing("picking", "picked"),
    proves=_ready("picking", "picked"),
)


def _called_off(tx: Tx, stage: Stage) -> None:
    dispatch.cancel_fulfillment(tx, stage.facts.work["resent"], "the customer wants the money")


def _handed_back(stage: Stage) -> None:
    numbers = [number for book in stage.carriers.values() for number in book.voided.values()]
    assert numbers == [stage.facts.parcels["resent"][2]]
    assert status_of(stage, "resent") == "canceled"


story("a packed replacement is called off", hand(_called_off), hand(_called_off), proves=_handed_back)


# --- the door and the way ---


def shipping(name: str) -> Step:
    def step(stage: Stage) -> None:
        answer = stage.write(f"staff:{HAND}", lambda tx: dispatch.ship(tx, [stage.facts.work[name]], "evening")[0])
        if not answer.is_done:
            raise AskAgain(answer.text)

    return step


def _gone(name: str) -> Any:
    def proves(stage: Stage) -> None:
        assert status_of(stage, name) == "handed_over"
        parcel = stage.facts.parcels[name][0]
        assert count(stage, stock_move, stock_move.c.kind == "ship", stock_move.c.document_id == parcel) == 2

    return proves


story("a parcel leaves", shipping("packed"), shipping("packed"), proves=_gone("packed"))


def scanned(name: str, *milestones: str) -> Step:
    """The carrier tells its scans, the newest first, and again when it is not answered."""

    def do(tx: Tx, stage: Stage) -> None:
        _, carrier, number = stage.facts.parcels[name]
        told = []
        for n, milestone in enumerate(milestones):
            body = {"tracking_number": number, "code": CODES[carrier][milestone], "text": "", "place": "Hub",
                    "at": stage.begin + n * MINUTE}  # fmt: skip
            told.append(inbox.Arrival(f"carrier:{carrier}", f"{name} {n}", "carrier.scan", dump(body), {}))
        inbox.store(tx, told[::-1])

    return write("carrier", do)


def typed(name: str, milestone: str) -> Step:
    """Somebody types a scan in by hand."""

    def do(tx: Tx, stage: Stage) -> None:
        _, carrier, number = stage.facts.parcels[name]
        code = CODES[carrier][milestone]
        tracking.record(tx, [tracking.Scan(number, code, "", "Hub", stage.begin + HOUR)])

    return hand(do)


def _arrived(stage: Stage) -> None:
    found = rows(stage, select(shipment.c.status).where(shipment.c.id == stage.facts.parcels["shipped"][0]))
    assert [row.status for row in found] == ["delivered"]
    assert mails(stage, "delivered") == 1


def _cases(number: int) -> Any:
    def proves(stage: Stage) -> None:
        assert count(stage, conversation, conversation.c.kind == "case") == number

    return proves


story(
    "a parcel arrives, told in the wrong order",
    at(5),
    scanned("shipped", "accepted", "in_transit", "delivered"),
    scanned("shipped", "accepted", "in_transit", "delivered"),
    proves=_arrived,
)
story("a parcel is lost", at(90), typed("shipped", "lost"), typed("shipped", "lost"), proves=_cases(1))


def _silent(tx: Tx, stage: Stage) -> None:
    recover.open_silent_cases(tx, 5, 100)


story("a parcel falls silent", at(6 * DAY // MINUTE), write("worker", _silent), proves=_cases(4))
