"""Whatever people do in whatever order, the shop keeps the same books as a shopkeeper would on paper."""

from collections import Counter
from contextlib import ExitStack
from typing import Any

import pytest
from agreeing import QUICK_CHECKS
from fresh_shops import Copies
from handling import Handling
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

#: Every so many steps all quick invariants of `storekeep verify` are run.
EVERY = 8
#: What even the short run must have come across, or it would prove little.
DEEP = {
    ("order", "completed"), ("order", "canceled"), ("payment", "authorized"), ("payment", "paid"),
    ("refund", "succeeded"), ("return", "received"), ("reship", "open"), ("sale", "handed_over"), ("refund", "refused"),
}  # fmt: skip


class Shopkeeping(Handling):
    """Both shops side by side through one example, compared after every step."""

    copies: Copies
    tally: Counter[tuple[str, str]]

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.shops = self._stack.enter_context(self.copies(self.tally))
        self._steps = 0

    @invariant()
    def both_shops_agree(self) -> None:
        self.shops.agree()
        self.shops.remember()
        self._steps += 1
        if self._steps % EVERY == 0:
            self.shops.nothing_is_broken(QUICK_CHECKS)

    def teardown(self) -> None:
        with self._stack:
            self.shops.come_to_rest()
            self.shops.agree()
            self.shops.the_bank_agrees()
            self.shops.nothing_is_broken()


def run(copies: Copies, examples: int, steps: int, *, derandomize: bool) -> Counter[tuple[str, str]]:
    """Run the machine; returns how often each verb was done or refused, and each state was seen."""
    tally = Counter[tuple[str, str]]()
    machine = type("Here", (Shopkeeping,), {"copies": staticmethod(copies), "tally": tally})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=derandomize, database=None,
            suppress_health_check=list(HealthCheck), print_blob=True, report_multiple_bugs=False,
        ),
    )  # fmt: skip
    return tally


@pytest.mark.slow
def test_the_shop_keeps_the_same_books_as_one_would_on_paper(copies: Copies, engine_kind: str) -> None:
    # The same examples on both; on PostgreSQL, where each step takes longer, the first of them.
    tally = run(copies, 22 if engine_kind == "sqlite" else 10, 40, derandomize=True)
    if engine_kind == "sqlite":
        assert tally.keys() >= DEEP, f"never seen: {sorted(DEEP - tally.keys())}"


@pytest.mark.long
def test_the_shop_keeps_the_same_books_through_a_long_night(
    copies: Copies, capsys: pytest.CaptureFixture[Any]
) -> None:
    tally = run(copies, 600, 60, derandomize=False)
    steps = sum(count for (_, what), count in tally.items() if what in ("done", "refused"))
    with capsys.disabled():
        print(f"\n{steps} acts on both shops; {len(tally)} kinds of acts and states:")  # noqa: T201
        print(*(f"  {name} {what}: {count}" for (name, what), count in sorted(tally.items())), sep="\n")  # noqa: T201
