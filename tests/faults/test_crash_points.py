"""Crash points: the program ends before and after every commit and every outside call, and inside transactions.

Its memory is gone. After its leases have run out a new one starts on the same database; people ask again, and
in the end all is as if nothing had happened: one order, one charge, one label, and a mail at most once more.
"""

import pytest
from faultplay import MOST
from faultports import Killing
from faultrun import Tally, break_at, chosen, rehearse
from faultstage import Theatre
from faultstory import STORIES

#: Before, within and after transactions and outside calls; between two statements nothing else can be seen.
POINTS = ("within", "before", "after")


@pytest.mark.parametrize("name", sorted(STORIES))
def test_a_program_that_dies_is_replaced_by_another(theatre: Theatre, crash_tally: Tally, name: str) -> None:
    expected = rehearse(theatre, STORIES[name])
    crash_tally.met(name, len(chosen(expected.places, None, name, POINTS)))
    for k in chosen(expected.places, MOST[theatre.db.dialect][1], name, POINTS):
        assert break_at(theatre, STORIES[name], Killing(k), expected, crash_tally), f"{name} has no place {k}"
    assert not crash_tally.unhandled


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(STORIES))
def test_a_program_dies_at_every_point_of_a_story(theatre: Theatre, crash_tally: Tally, name: str) -> None:
    expected = rehearse(theatre, STORIES[name])
    points = chosen(expected.places, None, name, ("statement", *POINTS))
    crash_tally.met(name, len(points))
    for k in points:
        assert break_at(theatre, STORIES[name], Killing(k), expected, crash_tally)
    assert not crash_tally.unhandled
