"""What a check is and what it finds: invariants with stable ids, their offending rows, and the report of a run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from storekeep.kernel.db import Tx
from storekeep.shop.reports.verify.scope import Scope

#: Offending rows that a report names per rule; all of them are counted.
SHOWN = 20
OK, BROKEN, NOT_RUN = "ok", "broken", "not run"


@dataclass(frozen=True, slots=True)
class Offender:
    """One row at fault: which one, what is wrong with it, what the ledger rows say, what the row says."""

    subject: str
    text: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of one check. `offenders` are the first ones; `offender_count` is how many there are in all."""

    rows_checked: int
    offenders: tuple[Offender, ...]
    offender_count: int


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that is true of every sound shop. `check` only reads: the whole shop, or a quick run's scope."""

    id: str
    sentence: str
    check: Callable[[Tx, Scope], Finding]


@dataclass(frozen=True, slots=True)
class Result:
    """How one invariant fared: ok, broken, or not run with the reason."""

    id: str
    sentence: str
    status: str
    rows_checked: int = 0
    offenders: tuple[Offender, ...] = ()
    offender_count: int = 0
    milliseconds: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The results of a run, in the order of the invariants."""

    results: tuple[Result, ...]

    @property
    def status(self) -> str:
        """Broken when one is, else not run when one was not, else ok."""
        found = {result.status for result in self.results}
        return next((status for status in (BROKEN, NOT_RUN) if status in found), OK)

    @property
    def exit_code(self) -> int:
        """0 when all is well, 1 when an invariant is broken, 2 when one could not be checked."""
        return {OK: 0, BROKEN: 1, NOT_RUN: 2}[self.status]

    def as_json(self) -> dict[str, Any]:
        """The report as plain data, for `storekeep verify --json`."""
        return {
            "status": self.status,
            "broken": [result.id for result in self.results if result.status == BROKEN],
            "invariants": [
                {
                    "id": result.id,
                    "sentence": result.sentence,
                    "status": result.status,
                    "rows_checked": result.rows_checked,
                    "offender_count": result.offender_count,
                    "offenders": [
                        {"subject": one.subject, "text": one.text, "expected": one.expected, "found": one.found}
                        for one in result.offenders
                    ],
                    "milliseconds": result.milliseconds,
                    "reason": result.reason,
                }
                for result in self.results
            ],
        }

    def as_text(self) -> str:
        """The report for people: a line per invariant, the rows at fault below it, a sentence at the end."""
        lines = []
        for result in self.results:
            lines.append(f"{result.id:4} {result.status:8} {result.rows_checked:>10} rows {result.milliseconds:>7} ms  "
                         f"{result.sentence}")  # fmt: skip
            if result.reason:
                lines.append(f"       {result.reason}")
            lines += [f"       {one.subject}: {one.text} (expected {one.expected}, found {one.found})"
                      for one in result.offenders]  # fmt: skip
            if result.offender_count > len(result.offenders):
                lines.append(f"       ... and {result.offender_count - len(result.offenders)} more")
        return "\n".join([*lines, self._summary()])

    def _summary(self) -> str:
        broken = [result.id for result in self.results if result.status == BROKEN]
        missed = [result.id for result in self.results if result.status == NOT_RUN]
        if not broken and not missed:
            return f"All {len(self.results)} invariants hold."
        told = [f"broken: {', '.join(broken)}"] if broken else []
        told += [f"not run: {', '.join(missed)}"] if missed else []
        return f"{'; '.join(told)}."
