"""Every invariant finds a fault that was planted in it, and names the row."""

import pytest
from faults import FAULTS
from planting import Fault, spoiled

from storekeep.kernel.clock import DAY
from storekeep.shop.reports import verify

NOW = 1_795_420_800_000_000 + 7 * DAY


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.id} {fault.what}")
def test_a_planted_fault_is_named_with_its_row(storied_url: str, fault: Fault) -> None:
    dialect = storied_url.split(":")[0]
    if fault.only not in ("", dialect):
        pytest.skip(f"this fault exists on {fault.only} only")
    with spoiled(storied_url, fault, NOW) as (tx, words):
        result = verify.run(tx, [fault.id]).results[0]
    assert result.status == "broken", result
    told = [f"{one.subject}: {one.text}" for one in result.offenders]
    assert any(all(word in line for word in words) for line in told), (words, told)
    assert result.offender_count >= len(result.offenders) > 0


def test_every_invariant_has_a_planted_fault_on_each_database() -> None:
    for dialect in ("sqlite", "postgresql"):
        planted = {fault.id for fault in FAULTS if fault.only in ("", dialect)}
        assert {invariant.id for invariant in verify.INVARIANTS} == planted
