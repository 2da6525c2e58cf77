"""Runs stories: once untouched, then once for each place that is broken; whatever breaks, the end must be the same."""

import logging
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import faultbooks
from faultbooks import Books
from faultports import Breaking, Counting
from faultstage import Stage, Theatre
from faultstory import AskAgain, Story
from sqlalchemy.exc import OperationalError

from storekeep.kernel.clock import SECOND
from storekeep.kernel.db import DatabaseUnusable
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.notify.sender import NOTED_TOGETHER
from storekeep.shop.payments.providers.base import ProviderError
from storekeep.shop.shipping.carriers.base import CarrierError
from storekeep.world.simulator.programs import Killed

#: What a caller may be told when something under the shop failed; asking again is right.
FAILURES = (DatabaseUnusable, OperationalError, ProviderError, CarrierError, AskAgain)
PATIENCE = 12
#: How verify says that holds wait to be swept
OVERDUE = "an expired cart hold still counts"
SEED = 20


@dataclass
class Tally:
    """The figures of the summary line."""

    what: str
    #: Story -> how many places it has
    places: dict[str, int] = field(default_factory=dict)
    injected: int = 0
    unhandled: list[str] = field(default_factory=list)
    #: States of the database that verify found sound right after a break
    verified: set[str] = field(default_factory=set)

    def met(self, story: str, places: int) -> None:
        self.places[story] = places

    def line(self, engine_kind: str) -> str:
        return (
            f"{self.what} on {engine_kind}: {len(self.places)} stories, {sum(self.places.values())} places, "
            f"{self.injected} injected, {len(self.unhandled)} unhandled"
        )


@dataclass(frozen=True, slots=True)
class Untouched:
    """How a story ends when nothing goes wrong, and the places that it passed."""

    books: Books
    letters: int
    places: tuple[str, ...]


def rehearse(theatre: Theatre, story: Story) -> Untouched:
    """Run a story untouched, once per theatre."""
    known = _REHEARSED.setdefault(theatre, {})
    if story.name not in known:
        known[story.name] = _untouched(theatre, story)
    return known[story.name]


_REHEARSED: WeakKeyDictionary[Theatre, dict[str, Untouched]] = WeakKeyDictionary()


def _untouched(theatre: Theatre, story: Story) -> Untouched:
    ports = Counting()
    stage = theatre.stage(ports)
    with listening(story.name, Tally("")) as heard:
        for step in story.steps:
            stage.tries = 1
            step(stage)
    assert not heard, heard
    wrong = faultbooks.faults(stage.base, all_of_it=True)
    assert not wrong, f"{story.name}: untouched, and yet {wrong}"
    story.proves(stage)
    return Untouched(stage.books(), stage.box.taken.total(), tuple(ports.places))


def break_at(
    theatre: Theatre, story: Story, ports: Breaking, expected: Untouched, tally: Tally, *, copies: int | None = None
) -> bool:
    """Run a story with one place broken, and prove that it ends like the untouched one. False when nothing broke.

    Mails that were sent and not yet noted, one group of them, may go out twice; with `copies` each mail so often.
    """
    stage = ports.stage = theatre.stage(ports)
    with listening(story.name, tally):
        for step in story.steps:
            _insist(stage, step, ports, story, tally)
    if ports.broke_at is None:
        return False
    where = f"{story.name}, broken at {ports.k} ({ports.broke_at})"
    wrong = faultbooks.faults(stage.base)
    assert not wrong, f"{where}: in the end {wrong}"
    told = faultbooks.differences(expected.books, stage.books())
    assert not told, f"{where}: it did not end like the untouched run: {told}"
    taken = stage.box.taken
    few = max(taken.values(), default=1) <= (copies or 2)
    if copies is None:
        few = few and taken.total() - len(taken) <= NOTED_TOGETHER
    assert few, f"{where}: mails were sent too often: {taken}"
    story.proves(stage)
    tally.injected += 1
    return True


def _insist(stage: Stage, step: object, ports: Breaking, story: Story, tally: Tally) -> None:
    """Take a step until it is answered, looking at the books after the break."""
    looked = ports.broke_at is not None
    for tries in range(1, PATIENCE + 1):
        stage.tries = tries
        try:
            step(stage)  # type: ignore[operator]
            return
        except Killed:
            _look(stage, ports, story, tally)
            looked = True
            stage.crash()
        except FAILURES:
            if not looked and ports.broke_at is not None:
                _look(stage, ports, story, tally)
                looked = True
            stage.clock.sleep(3 * SECOND)
        except StorekeepError as refusal:
            where = f"{story.name}, broken at {ports.k} ({ports.broke_at}), try {tries}"
            raise AssertionError(f"{where}: refused: {type(refusal).__name__}: {refusal}") from refusal
    raise AssertionError(f"{story.name}, broken at {ports.k} ({ports.broke_at}): never answered")


def _look(stage: Stage, ports: Breaking, story: Story, tally: Tally) -> None:
    """Verify what the break left behind; a state that was looked at before is not looked at again."""
    state = faultbooks.digest(stage.base)
    if state in tally.verified:
        return
    tally.verified.add(state)
    # Housekeeping may not have come round yet since the story moved the clock; in the end it must have.
    wrong = [one for one in faultbooks.faults(stage.base) if OVERDUE not in one]
    assert not wrong, f"{story.name}, broken at {ports.k} ({ports.broke_at}): right after it {wrong}"


def chosen(places: Sequence[str], most: int | None, name: str, kinds: tuple[str, ...]) -> list[int]:
    """Which places to break, counted from 1: all of these kinds, or `most` of them drawn by a fixed seed."""
    fits = [k for k, place in enumerate(places, 1) if place.startswith(kinds)]
    if most is None or len(fits) <= most:
        return fits
    return sorted(random.Random(f"{SEED}:{name}").sample(fits, most))


class _Ear(logging.Handler):
    """Hears what the worker and the writer log when a handler raised what no rule foresees."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        errors = [record.exc_info[1]] if record.exc_info else []
        errors += [each for each in (record.args or ()) if isinstance(each, BaseException)]
        for error in errors:
            if error is not None and not isinstance(error, (*FAILURES, StorekeepError)):
                self.heard.append(f"{type(error).__name__}: {error} ({record.getMessage()})")


@contextmanager
def listening(name: str, tally: Tally) -> Iterator[list[str]]:
    """While a story runs, nothing unforeseen may be raised or logged; what is ends up in the tally."""
    logger, ear = logging.getLogger("storekeep"), _Ear()
    before = logger.handlers[:], logger.propagate
    logger.handlers, logger.propagate = [ear], False
    try:
        yield ear.heard
    except (AssertionError, StorekeepError):
        raise
    except Exception as error:
        ear.heard.append(f"{type(error).__name__}: {error}")
        raise
    finally:
        logger.handlers, logger.propagate = before
        tally.unhandled += [f"{name}: {each}" for each in ear.heard]
