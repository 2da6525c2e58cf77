"""What everybody in a play shares, and the life that each of them leads.

A person asks one of our programs for something and waits for the answer. When the answer is lost, because the program
died or the database failed, the person asks for the same thing again, with the same command id, as people do.
"""

import logging
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from storekeep.flows.house import House
from storekeep.kernel.clock import HOUR, MINUTE, SECOND, Instant
from storekeep.kernel.db import DatabaseUnusable, Tx
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.payments.providers.base import ProviderUnavailable, ProviderUnknown
from storekeep.shop.shipping.carriers.base import Carrier
from storekeep.world.simulator.programs import Down, Killed, Program
from storekeep.world.simulator.schedule import Bell, Schedule
from storekeep.world.simulator.trouble import Trouble

log = logging.getLogger("storekeep.world")
T = TypeVar("T")

#: What a program may say when something under it failed; asking again is right.
FAILURES = (DatabaseUnusable, OperationalError, ProviderUnknown, ProviderUnavailable)
PATIENCE = 40


class Broken(BaseException):
    """The shop did something that it must never do. `found_by` names the oracle; the play stops here.

    `when` is the instant and the event at which it was seen, where that was before now.
    """

    def __init__(self, found_by: str, text: str, when: tuple[Instant, int] | None = None) -> None:
        super().__init__(f"{found_by}: {text}")
        self.found_by, self.text, self.when = found_by, text, when


class GaveUp(Exception):
    """Somebody asked many times and was never answered."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How fast life goes, in microseconds unless a name says otherwise."""

    #: A shopper's pauses between two pages
    think: Instant = 2 * MINUTE
    #: How often hands look for work, and how many orders they take at once
    pick_every: Instant = 80 * MINUTE
    pick_batch: int = 12
    pack_every: Instant = 80 * MINUTE
    pack_batch: int = 12
    vans_every: Instant = 6 * HOUR
    #: How often somebody walks to the next bins that are to be counted
    count_every: Instant = 4 * HOUR
    #: The usual time between two scans of a parcel, and how often carriers report
    leg: Instant = 8 * HOUR
    report_every: Instant = 3 * HOUR
    #: How often agents look, how many conversations they take at once, and how long one waits before they do
    agents_every: Instant = 4 * HOUR
    agents_batch: int = 20
    agents_after: Instant = 0
    suppliers_every: Instant = 24 * HOUR
    #: From the supplier's promise to its delivery
    lead_time: Instant = 5 * 24 * HOUR
    #: How long after a delivery somebody complains or sends goods back
    afterthought: Instant = 36 * HOUR
    #: Local hours in which people work (from, to); None is always
    shift: tuple[int, int] | None = (7, 19)
    timezone: str = "Europe/Berlin"


@dataclass(slots=True)
class Play:
    """The stage of one run. `tally` counts by plain words what happened; `stops_at_stumbles` is for proofs."""

    schedule: Schedule
    seed: int
    trouble: Trouble
    rhythm: Rhythm
    programs: dict[str, Program] = field(default_factory=dict)
    tally: Counter[str] = field(default_factory=Counter)
    #: What shoppers were told: order number -> total in minor units
    acknowledged: dict[int, int] = field(default_factory=dict)
    #: Jobs that are being done: by which life of which program, and how long its lease surely holds
    under_way: dict[str, tuple[Program, int, Instant]] = field(default_factory=dict)
    #: The carriers that rates are computed by at the pack station
    carriers: Mapping[str, Carrier] | None = None
    stops_at_stumbles: bool = True
    #: A living world is put down and taken up again, at another pace perhaps: since when it has moved without a break.
    #: None in virtual time, where nothing comes between.
    moving_since: Instant | None = None
    #: Rung when there may be work for the workers
    bell: Bell = field(init=False)

    def __post_init__(self) -> None:
        self.bell = Bell(self.schedule)

    @property
    def now(self) -> Instant:
        return self.schedule.clock.now()

    def note(self, what: str, count: int = 1) -> None:
        """Count something that happened."""
        self.tally[what] += count

    def spawn(self, name: str, live: "Callable[[Life], object]", after: Instant = 0) -> None:
        """Begin a life. Its dice depend on the seed and its name alone, so names must differ."""
        life = Life(self, name)
        self.schedule.spawn(lambda: self._lead(life, live), after)

    def every(self, name: str, gap: Instant, act: "Callable[[Life], object]") -> None:
        """A life that acts again and again, every `gap` microseconds give or take a half, as long as it is shown."""

        def live(life: Life) -> None:
            while True:
                life.sleep(gap * life.rng.randint(50, 150) // 100)
                self._lead(life, act)

        self.spawn(name, live)

    def _lead(self, life: "Life", live: "Callable[[Life], object]") -> None:
        try:
            live(life)
        except StorekeepError as refusal:
            self.note(f"refused: {type(refusal).__name__}")
            log.info("%s was told: %s", life.name, refusal)
        except GaveUp:
            self.note("gave up asking")
        except Exception as stumble:
            self.stumbled(life.name, stumble)

    def stumbled(self, who: str, error: Exception) -> None:
        """Something that no rule of the shop foresees was raised: the end of a proof, a log line in a demo."""
        if self.stops_at_stumbles:
            raise Broken("unhandled", f"{who}: {type(error).__name__}: {error}") from error
        log.error("%s stumbled", who, exc_info=error)


class Life:
    """One person or machine in the play."""

    def __init__(self, play: Play, name: str) -> None:
        self.play, self.name = play, name
        self.rng = random.Random(f"{play.seed}:{name}")  # noqa: S311 - a game, no secret

    @property
    def now(self) -> Instant:
        return self.play.now

    def sleep(self, duration: Instant) -> None:
        """Let time pass for the others too."""
        self.play.schedule.sleep(duration)

    def dawdle(self, about: Instant) -> None:
        """A pause of half to one and a half times `about`."""
        self.sleep(about * self.rng.randint(50, 150) // 100)

    def chance(self, share: float) -> bool:
        """True with this probability; draws only when it can be either."""
        return share > 0 and self.rng.random() < share

    def note(self, what: str, count: int = 1) -> None:
        """Count something that happened."""
        self.play.note(what, count)

    def give_way(self, program: str) -> None:
        """Let others act at this moment, within a request to `program`: raises `Killed` when it died meanwhile."""
        generation = self.play.programs[program].generation
        self.play.schedule.give_way()
        if self.play.programs[program].generation != generation:
            raise Killed(program)

    def ask(self, do: Callable[[House], T], program: str = "web") -> T:
        """Have `do` done by a program, again and again until it answers. `do` must be safe to repeat.

        A refusal of the shop is an answer and is raised. Raises `GaveUp` after `PATIENCE` unanswered tries.
        """
        for n in range(PATIENCE):
            try:
                return do(self.play.programs[program].enter())
            except (Down, Killed):
                self.note("answers lost")
            except FAILURES as failure:
                self.note(f"told of a failure: {type(failure).__name__}")
            self.sleep(SECOND * self.rng.randint(2, 30 + 10 * n))
        raise GaveUp(self.name)

    def write(self, actor: str, do: Callable[[Tx], T]) -> T:
        """One transaction in the web program; see `ask`."""

        def act(house: House) -> T:
            with house.db.begin(actor=actor) as tx:
                return do(tx)

        return self.ask(act)

    def read(self, do: Callable[[Tx], T]) -> T:
        """Look something up in the web program; see `ask`."""

        def look(house: House) -> T:
            with house.db.read() as tx:
                return do(tx)

        return self.ask(look)
