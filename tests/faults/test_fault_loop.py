"""The fault loop: the 1st, the 2nd, the k-th call of every story fails, until the story passes untouched.

A call is a statement, a commit, a read, the way to the database and back, or a call outside. Right after it the books
are sound; the caller asks again with the same ids, and in the end all is as if nothing had happened.
"""

import pytest
from faultplay import MOST
from faultports import Failing
from faultrun import Tally, break_at, chosen, rehearse
from faultstage import Theatre
from faultstory import STORIES

#: Places by how they begin: where an answer is lost, and where nothing was done yet
LOST, FAILED = ("after",), ("statement", "within", "before")


@pytest.mark.parametrize("name", sorted(STORIES))
def test_a_call_that_fails_changes_nothing_in_the_end(theatre: Theatre, fault_tally: Tally, name: str) -> None:
    expected = rehearse(theatre, STORIES[name])
    fault_tally.met(name, len(expected.places))
    most = MOST[theatre.db.dialect][0]
    lost = chosen(expected.places, (most + 1) // 2, name, LOST)
    for k in (*lost, *chosen(expected.places, most // 2, name, FAILED)):
        assert break_at(theatre, STORIES[name], Failing(k), expected, fault_tally), f"{name} has no place {k}"
    assert not fault_tally.unhandled


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(STORIES))
def test_every_call_fails_once_until_the_story_passes_untouched(
    theatre: Theatre, fault_tally: Tally, name: str
) -> None:
    expected = rehearse(theatre, STORIES[name])
    fault_tally.met(name, len(expected.places))
    k = 1
    while break_at(theatre, STORIES[name], Failing(k), expected, fault_tally):
        k += 1
    assert k == len(expected.places) + 1
    assert not fault_tally.unhandled
