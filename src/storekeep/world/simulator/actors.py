"""What all played people share: the house they act in, their own dice, and a turn that comes up every so often."""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from storekeep.flows.house import House
from storekeep.kernel.clock import Instant
from storekeep.kernel.errors import StorekeepError
from storekeep.world.simulator.till import Till

log = logging.getLogger("storekeep.world")


@dataclass(frozen=True, slots=True)
class Stage:
    """Where actors act."""

    house: House
    till: Till
    rng: random.Random

    @property
    def now(self) -> Instant:
        return self.house.db.clock.now()


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody with something to do every `every` microseconds, give or take a half."""

    name: str
    every: Instant
    act: Callable[[Stage], None]


class World:
    """Gives each actor its turn. A refusal by the shop is part of life; anything else is logged and life goes on."""

    def __init__(self, stage: Stage, actors: Sequence[Actor]) -> None:
        self._stage, self._actors = stage, actors
        self._next = {actor.name: stage.now + self._pause(actor) for actor in actors}

    def step(self) -> int:
        """Let everyone act whose turn has come; returns how many did."""
        acted = 0
        for actor in self._actors:
            if self._stage.now >= self._next[actor.name]:
                self._next[actor.name] = self._stage.now + self._pause(actor)
                self._turn(actor)
                acted += 1
        return acted

    def next_turn(self) -> Instant:
        """When the next actor's turn comes."""
        return min(self._next.values())

    def _pause(self, actor: Actor) -> Instant:
        return actor.every * self._stage.rng.randint(50, 150) // 100

    def _turn(self, actor: Actor) -> None:
        try:
            actor.act(self._stage)
        except StorekeepError as refusal:
            log.info("%s was told: %s", actor.name, refusal)
        except Exception:
            log.exception("%s stumbled", actor.name)
