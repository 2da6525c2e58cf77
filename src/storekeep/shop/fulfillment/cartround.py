"""What a scan means while a batch is picked: bin, item or lot, count, tote. Pure decisions, one scan after the other.

Nothing counts as picked before it lies in its tote: what was scanned at the bin is in the picker's hand until a tote is
scanned. A pile of one SKU and a single order have one tote, so there the item's scan is enough.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from storekeep.kernel.jsontext import load
from storekeep.shop.fulfillment.model import Scanned, lot_text
from storekeep.shop.fulfillment.picklist import Codes

#: Batches whose goods need no sorting while they are picked.
ONE_TOTE = ("single", "single_item")


@dataclass(frozen=True, slots=True)
class Task:
    """Units of a line that wait in a bin for a tote, all of one lot when the goods have lots."""

    stop_no: int
    location_id: str
    location_code: str
    line_id: str
    fulfillment_id: str
    tote_no: int
    variant_id: str
    sku: str
    title: str
    qty: int
    lot_id: str | None = None
    lot_code: str = ""
    expires_on: str | None = None

    @property
    def lot_text(self) -> str:
        """The lot in words for the picker; empty for goods without lots."""
        return lot_text(self.lot_code, self.expires_on)

    @property
    def told(self) -> str:
        """The goods in words: title and lot."""
        return f"{self.title}, {self.lot_text}" if self.lot_code else self.title


@dataclass(frozen=True, slots=True)
class Held:
    """Units in the picker's hand: scanned at the bin, not yet in a tote. `code` is what was scanned."""

    variant_id: str
    sku: str
    code: str
    qty: int
    lot_id: str | None = None

    def fits(self, task: Task) -> bool:
        """Whether these are the goods that the task waits for."""
        return (self.variant_id, self.lot_id) == (task.variant_id, task.lot_id)


@dataclass(frozen=True, slots=True)
class Put:
    """Units that went from a bin into a tote."""

    fulfillment_id: str
    line_id: str
    location_code: str
    tote_no: int
    code: str
    qty: int
    lot_id: str | None = None


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """What the gun says back: right, wrong, stop or done, in a sentence; where the picker stands and what is in hand.

    `left` are the units of the batch that are still to be picked.
    """

    kind: str
    text: str
    scan_id: str
    here: str | None = None
    held: Held | None = None
    puts: tuple[Put, ...] = ()
    left: int = 0
    undoes: str = ""

    @property
    def is_right(self) -> bool:
        return self.kind in {"right", "done"}


def read_answer(stored: str) -> BatchAnswer:
    """An answer as it stands in the log."""
    fields = load(stored)
    held = Held(**fields["held"]) if fields["held"] else None
    return BatchAnswer(**{**fields, "held": held, "puts": tuple(Put(**each) for each in fields["puts"])})


def tote_code(batch_number: int, tote_no: int) -> str:
    """What is printed on a tote of a batch."""
    return f"T{batch_number}-{tote_no}"


class CartRound:
    """A walk with a cart. `here` is the id of the bin that was scanned last, `held` what is in hand."""

    def __init__(
        self, kind: str, number: int, tasks: Sequence[Task], codes: Codes, here: str | None, held: Held | None
    ) -> None:
        self.tasks = list(tasks)
        self.codes, self.here, self.held = codes, here, held
        self.is_one_tote = kind in ONE_TOTE
        self._number = number

    @property
    def left(self) -> int:
        return sum(task.qty for task in self.tasks)

    def answer(self, scan: Scanned) -> BatchAnswer:
        """Decide one scan and remember what it changed."""
        if not self.tasks:
            return self._say("done", "", scan)
        if scan.qty < 1:
            return self._say("wrong", f"A scan counts at least 1 unit, not {scan.qty}.", scan)
        tote = self._tote(scan.code)
        if self.held is not None and tote is not None:
            return self._into(scan, tote, self.held)
        variant, at = self.codes.variant(scan.code), self.codes.bin(scan.code)
        if variant is not None:
            return self._item(scan, *variant)
        if at is not None:
            return self._bin(scan, at)
        lots = {(one.variant_id, one.id): one.sku for one in self.codes.lots.get(scan.code, ())}
        here = next((key for task in self.at(self.here) if (key := (task.variant_id, task.lot_id or "")) in lots), None)
        if here is not None:
            return self._item(scan, here[0], lots[here], here[1])
        if tote is not None:
            return self._say("wrong", f"Nothing is in hand for tote {tote}.", scan)
        return self._unexpected(scan)

    def _tote(self, code: str) -> int | None:
        """The number of the scanned tote of this batch, with or without the batch's own number."""
        text = code.strip().upper()
        numbers = {task.tote_no for task in self.tasks}
        fitting = (n for n in sorted(numbers) if text in (tote_code(self._number, n), f"T{n}"))
        return next(fitting, None)

    def _bin(self, scan: Scanned, location_id: str) -> BatchAnswer:
        if self.held is not None:
            return self._say("wrong", f"Put the {self.held.qty} × {self.held.sku} into a tote first.", scan)
        if all(task.location_id != location_id for task in self.tasks):
            return self._unexpected(scan)
        self.here = location_id
        return self._say("right", f"At {self.at(self.here)[0].location_code}.", scan)

    def _item(self, scan: Scanned, variant_id: str, sku: str, lot_id: str | None = None) -> BatchAnswer:
        waiting = [task for task in self.at(self.here) if task.variant_id == variant_id]
        if not self.at(self.here):
            return self._say("wrong", "Scan the bin first.", scan)
        if waiting and lot_id is None and waiting[0].lot_id is not None:
            return self._say("right", f"{sku}: now scan its lot, {waiting[0].lot_text}.", scan)
        waiting = [task for task in waiting if task.lot_id == lot_id]
        if self.held is not None and (self.held.variant_id, self.held.lot_id) != (variant_id, lot_id):
            return self._say("wrong", f"Put the {self.held.qty} × {self.held.sku} into a tote first.", scan)
        if not waiting:
            return self._unexpected(scan)
        in_hand, there = self.held.qty if self.held else 0, sum(task.qty for task in waiting)
        if in_hand + scan.qty > there:
            said = f"Only {there - in_hand} more of {sku} belong to this batch here; {scan.qty} were scanned."
            return self._say("wrong", said, scan)
        if self.is_one_tote:
            puts = self._move(waiting, scan.qty, scan.code)
            return self._say("right", f"{scan.qty} × {sku} picked.", scan, puts)
        self.held = Held(variant_id, sku, scan.code, in_hand + scan.qty, lot_id)
        return self._say("right", f"{self.held.qty} × {sku} in hand.", scan)

    def _into(self, scan: Scanned, tote_no: int, held: Held) -> BatchAnswer:
        wanted = [task for task in self.at(self.here) if held.fits(task)]
        fitting = [task for task in wanted if task.tote_no == tote_no]
        if not fitting:
            return self._say("wrong", f"{held.sku} does not belong into tote {tote_no}.", scan)
        qty = min(held.qty, sum(task.qty for task in fitting))
        puts = self._move(fitting, qty, held.code)
        self.held = replace(held, qty=held.qty - qty) if held.qty > qty else None
        return self._say("right", f"{qty} × {held.sku} in tote {tote_no}.", scan, puts)

    def _move(self, waiting: Sequence[Task], qty: int, code: str) -> tuple[Put, ...]:
        puts = []
        for task in waiting:
            units = min(qty, task.qty)
            if units == 0:
                break
            place = self.tasks.index(task)
            self.tasks[place : place + 1] = [replace(task, qty=task.qty - units)] if units < task.qty else []
            puts.append(
                Put(task.fulfillment_id, task.line_id, task.location_code, task.tote_no, code, units, task.lot_id)
            )
            qty -= units
        return tuple(puts)

    def at(self, location_id: str | None) -> list[Task]:
        """What is to be taken at a bin."""
        return [task for task in self.tasks if task.location_id == location_id]

    def _unexpected(self, scan: Scanned) -> BatchAnswer:
        return self._say("wrong", f"Not this one: scanned {self.codes.say(scan.code)}.", scan)

    def _say(self, kind: str, text: str, scan: Scanned, puts: tuple[Put, ...] = ()) -> BatchAnswer:
        if not self.tasks and kind != "wrong":
            kind = "done"
        said = f"{text} {self.expected()}".strip()
        return BatchAnswer(kind, said, scan.scan_id, self.here, self.held, puts, self.left)

    def expected(self) -> str:
        """What is to be scanned now, in a sentence."""
        if not self.tasks:
            return "Everything is picked; bring the cart to the pack station."
        if self.held is not None:
            first = next((task for task in self.at(self.here) if self.held.fits(task)), None)
            if first is not None:
                return f"Expected: tote {first.tote_no} for {min(self.held.qty, first.qty)} × {first.sku}."
        here = self.at(self.here) or self.at(self.tasks[0].location_id)
        told = ", ".join(f"{qty} × {sku} ({goods})" for (sku, goods), qty in _sums(here).items())
        if self.here == here[0].location_id:
            return f"Expected at {here[0].location_code}: {told}."
        return f"Expected: bin {here[0].location_code} for {told}."


def _sums(tasks: Sequence[Task]) -> Mapping[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for task in tasks:
        found[task.sku, task.told] = found.get((task.sku, task.told), 0) + task.qty
    return found
