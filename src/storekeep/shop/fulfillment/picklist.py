"""What a scan means on a pick list or at the pack station: pure decisions, one scan after the other.

A wrong scan never advances the work; the answer says what was expected and what was scanned.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from storekeep.shop.fulfillment.model import ScanAnswer, Scanned, Stop, Taken, WorkLine

#: Lines that an answer at the pack station names as expected; a parcel may have hundreds.
NAMED = 10


@dataclass(frozen=True, slots=True)
class Codes:
    """What scanned codes name: variants by the code as scanned (id, SKU), bins by their code in capitals (id)."""

    variants: Mapping[str, tuple[str, str]]
    bins: Mapping[str, str]

    def variant(self, code: str) -> tuple[str, str] | None:
        return self.variants.get(code)

    def bin(self, code: str) -> str | None:
        return self.bins.get(code.strip().upper())

    def say(self, code: str) -> str:
        """How the scanned thing is named in an answer."""
        found = self.variant(code)
        if found is not None:
            return found[1]
        if self.bin(code) is not None:
            return f"bin {code.strip().upper()}"
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
        return self._bin(scan, at) if at is not None else self._unexpected(scan)

    def _bin(self, scan: Scanned, location_id: str) -> ScanAnswer:
        here = self._bins.get(location_id)
        if not here:
            return self._unexpected(scan)
        self.here = location_id
        text = f"{here[0].location_code}: take {self._listed(here)}."
        return ScanAnswer("right", text, scan.scan_id, location_code=here[0].location_code, left=self.left)

    def _goods(self, scan: Scanned, variant_id: str, sku: str) -> ScanAnswer:
        fitting = self._goods_at.get(variant_id, [])
        if self.here in self._bins:
            fitting = [stop for stop in fitting if stop.location_id == self.here]
        if not fitting:
            return self._unexpected(scan)
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
            taken.append(Taken(stop.location_id, units))
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
        return ", ".join(f"{s.qty} × {self.lines[s.line_id].sku} ({self.lines[s.line_id].title})" for s in stops)


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
        variant = self.codes.variant(scan.code)
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
