"""What a scan means on a pick list or at the pack station: pure decisions, one scan after the other.

A wrong scan never advances the work; the answer says what was expected and what was scanned.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple

from storekeep.shop.fulfillment.model import ScanAnswer, Scanned, Stop, Taken, WorkLine

#: Lines that an answer at the pack station names as expected; a parcel may have hundreds.
NAMED = 10


class LotCode(NamedTuple):
    """A lot that a scanned code names; `id` is empty when no lot of the variant has that code."""

    id: str
    code: str
    variant_id: str
    sku: str


@dataclass(frozen=True, slots=True)
class Codes:
    """What scanned codes name: variants by the code as scanned (id, SKU), bins by their code in capitals (id).

    `lots` are by the code as scanned: several variants may have a lot of that code; a GS1 code names one.
    """

    variants: Mapping[str, tuple[str, str]]
    bins: Mapping[str, str]
    lots: Mapping[str, tuple[LotCode, ...]] = field(default_factory=dict)

    def variant(self, code: str) -> tuple[str, str] | None:
        return self.variants.get(code)

    def goods(self, code: str) -> tuple[str, str] | None:
        """The variant that a code names by itself or by its lot, if it is only one."""
        found = {(each.variant_id, each.sku) for each in self.lots.get(code, ())}
        return self.variants.get(code) or (found.pop() if len(found) == 1 else None)

    def bin(self, code: str) -> str | None:
        return self.bins.get(code.strip().upper())

    def say(self, code: str) -> str:
        """How the scanned thing is named in an answer."""
        found = self.variant(code)
        if found is not None:
            return found[1]
        if self.bin(code) is not None:
            return f"bin {code.strip().upper()}"
        if code in self.lots:
            one = self.lots[code][0]
            return f"lot {one.code} of {one.sku}"
        return f"“{code.strip()[:40]}”, which no product or bin has"


class PickRound:
    """A walk along the bins. `here` is the bin that was scanned last; while it has work, only its goods are right."""

    def __init__(self, lines: Iterable[WorkLine], stops: Sequence[Stop], codes: Codes, here: str | None) -> None:
        self.lines = {line.id: line for line in lines}
        self.codes, self.here = codes, here
        self.left = sum(line.to_pick for line in self.lines.values())
        # By bin along the walk, and by goods: a round may have hundreds of stops, and every scan asks for both.
        self._bins: dict[str, list[Stop]] = {}
        self._goods_at: dict[str, list[Stop]] = {}
        for stop in sorted(stops, key=lambda stop: (stop.walk_sequence, stop.location_code, stop.line_id)):
            self._bins.setdefault(stop.location_id, []).append(stop)
            self._goods_at.setdefault(stop.variant_id, []).append(stop)

    def answer(self, scan: Scanned) -> ScanAnswer:
        """Decide one scan and remember what it changed."""
        if self.left == 0:
            return ScanAnswer("done", "Everything is picked; bring it to the pack station.", scan.scan_id)
        if scan.qty < 1:
            return self._wrong(scan, f"A scan counts at least 1 unit, not {scan.qty}.")
        variant = self.codes.variant(scan.code)
        if variant is not None:
            return self._goods(scan, *variant)
        at = self.codes.bin(scan.code)
        if at is not None:
            return self._bin(scan, at)
        for one in self.codes.lots.get(scan.code, ()):
            if self._fitting(one.variant_id, one.id):
                return self._goods(scan, one.variant_id, one.sku, one.id)
        return self._unexpected(scan)

    def _fitting(self, variant_id: str, lot_id: str | None) -> list[Stop]:
        """The stops of these goods, at this bin while it has work; of one lot when it was scanned."""
        fitting = self._goods_at.get(variant_id, [])
        if self.here in self._bins:
            fitting = [stop for stop in fitting if stop.location_id == self.here]
        return fitting if lot_id is None else [stop for stop in fitting if stop.lot_id == lot_id]

    def _bin(self, scan: Scanned, location_id: str) -> ScanAnswer:
        here = self._bins.get(location_id)
        if not here:
            return self._unexpected(scan)
        self.here = location_id
        text = f"{here[0].location_code}: take {self._listed(here)}."
        return ScanAnswer("right", text, scan.scan_id, location_code=here[0].location_code, left=self.left)

    def _goods(self, scan: Scanned, variant_id: str, sku: str, lot_id: str | None = None) -> ScanAnswer:
        fitting = self._fitting(variant_id, lot_id)
        if not fitting:
            return self._unexpected(scan)
        if lot_id is None and fitting[0].lot_id is not None:
            text = f"{sku}: now scan its lot, {fitting[0].lot_text}."
            return ScanAnswer("right", text, scan.scan_id, location_code=fitting[0].location_code, left=self.left)
        line = self.lines[fitting[0].line_id]
        fitting = [stop for stop in fitting if stop.line_id == line.id]
        waiting = sum(stop.qty for stop in fitting)
        if scan.qty > waiting:
            return self._wrong(scan, f"Only {waiting} more of {sku} belong to this pick here; {scan.qty} were scanned.")
        taken = self._take(fitting, scan.qty)
        line = self.lines[line.id] = replace(line, picked=line.picked + scan.qty)
        self.left -= scan.qty
        kind = "right" if self.left else "done"
        return ScanAnswer(
            kind,
            f"{line.picked} of {line.due} {sku} picked. {self._next()}",
            scan.scan_id,
            line.id,
            line.sku,
            line.title,
            fitting[0].location_code,
            scan.qty,
            line.to_pick,
            self.left,
            taken,
        )

    def _take(self, fitting: Sequence[Stop], qty: int) -> tuple[Taken, ...]:
        taken = []
        for stop in fitting:
            units = min(qty, stop.qty)
            if units == 0:
                break
            self._leave(stop, replace(stop, qty=stop.qty - units) if units < stop.qty else None)
            taken.append(Taken(stop.location_id, units, stop.lot_id))
            qty -= units
        return tuple(taken)

    def _leave(self, stop: Stop, rest: Stop | None) -> None:
        """Put what is left of a stop in its place; a bin without stops is no longer part of the walk."""
        for known, key in ((self._bins, stop.location_id), (self._goods_at, stop.variant_id)):
            place = known[key].index(stop)
            known[key][place : place + 1] = [] if rest is None else [rest]
            if not known[key]:
                del known[key]

    def _unexpected(self, scan: Scanned) -> ScanAnswer:
        return self._wrong(scan, f"Not this one: scanned {self.codes.say(scan.code)}.")

    def _wrong(self, scan: Scanned, text: str) -> ScanAnswer:
        return ScanAnswer("wrong", f"{text} {self._next()}", scan.scan_id, left=self.left)

    def _next(self) -> str:
        if self.left == 0:
            return "Everything is picked; bring it to the pack station."
        if not self._bins:
            short = next(line for line in self.lines.values() if line.to_pick)
            return f"No bin is known for {short.to_pick} × {short.sku}; report it as missing."
        here = self._bins.get(self.here or "") or next(iter(self._bins.values()))
        return f"Expected at {here[0].location_code}: {self._listed(here)}."

    def _listed(self, stops: Sequence[Stop]) -> str:
        return ", ".join(f"{stop.qty} × {self.lines[stop.line_id].sku} ({self._told(stop)})" for stop in stops)

    def _told(self, stop: Stop) -> str:
        title = self.lines[stop.line_id].title
        return f"{title}, {stop.lot_text}" if stop.lot_id else title


class PackRound:
    """The pack station: every picked unit is scanned once more before it goes into the box."""

    def __init__(self, lines: Iterable[WorkLine], codes: Codes) -> None:
        self.lines = {line.id: line for line in lines}
        self.codes = codes
        self.left = sum(line.to_pack for line in self.lines.values())
        # A parcel may have hundreds of lines, and every scan asks whose goods these are and what is still to come.
        self._waiting = {line.id: None for line in self.lines.values() if line.to_pack}
        self._of: dict[str, list[str]] = {}
        for line in self.lines.values():
            self._of.setdefault(line.variant_id, []).append(line.id)

    def answer(self, scan: Scanned) -> ScanAnswer:
        """Decide one scan and remember what it changed."""
        if self.left == 0:
            return ScanAnswer("done", "Everything is in the box; close the parcel.", scan.scan_id)
        if scan.qty < 1:
            return self._wrong(scan, f"A scan counts at least 1 unit, not {scan.qty}.")
        variant = self.codes.goods(scan.code)
        mine = [self.lines[each] for each in self._of.get(variant[0], [])] if variant is not None else []
        if not mine:
            return self._wrong(scan, f"This does not belong in the box: scanned {self.codes.say(scan.code)}.")
        line = next((line for line in mine if line.to_pack), mine[0])
        if line.to_pack == 0:
            return self._wrong(scan, f"All {line.packed} of {line.sku} are in the box already.")
        if scan.qty > line.to_pack:
            return self._wrong(scan, f"Only {line.to_pack} more of {line.sku} were picked; {scan.qty} were scanned.")
        line = self.lines[line.id] = replace(line, packed=line.packed + scan.qty)
        if line.to_pack == 0:
            self._waiting.pop(line.id)
        self.left -= scan.qty
        return ScanAnswer(
            "right" if self.left else "done",
            f"{line.packed} of {line.picked} {line.sku} packed. {self._next()}",
            scan.scan_id,
            line.id,
            line.sku,
            line.title,
            qty=scan.qty,
            line_left=line.to_pack,
            left=self.left,
        )

    def _wrong(self, scan: Scanned, text: str) -> ScanAnswer:
        return ScanAnswer("wrong", f"{text} {self._next()}", scan.scan_id, left=self.left)

    def _next(self) -> str:
        if self.left == 0:
            return "Close the parcel."
        waiting = [self.lines[each] for each in islice(self._waiting, NAMED + 1)]
        named = ", ".join(f"{line.to_pack} × {line.sku} ({line.title})" for line in waiting[:NAMED])
        return f"Expected: {named}{' and more' if len(waiting) > NAMED else ''}."
