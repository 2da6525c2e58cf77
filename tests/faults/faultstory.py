"""What a story of the fault loop is: steps that one caller takes, each again and again until it is answered."""

from collections.abc import Callable
from dataclasses import dataclass

from faultstage import Stage

from storekeep.kernel.db import Tx

Step = Callable[[Stage], object]


class AskAgain(Exception):
    """The answer was "not yet": the caller comes back later."""


@dataclass(frozen=True, slots=True)
class Story:
    """`steps` are taken under faults; `proves` looks at the end of every run, broken or not."""

    name: str
    steps: tuple[Step, ...]
    proves: Callable[[Stage], None]


STORIES: dict[str, Story] = {}


def story(name: str, *steps: Step, proves: Callable[[Stage], None]) -> None:
    """Enter a story into the table. The worker always comes last."""
    assert name not in STORIES, name
    STORIES[name] = Story(name, (*steps, work), proves)


def work(stage: Stage) -> None:
    """The worker empties the queues."""
    stage.work()


def write(actor: str, do: Callable[[Tx, Stage], object]) -> Step:
    """One transaction."""

    def step(stage: Stage) -> object:
        return stage.write(actor, lambda tx: do(tx, stage))

    return step


def at(minutes: int) -> Step:
    """Nothing before so many minutes have passed."""
    return lambda stage: stage.until(minutes)
