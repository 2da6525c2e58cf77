"""One try of a story: a fresh copy of the ground, the outside with its memory, and a house that may be thrown away."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import faultbooks
import faultworld
import sqlalchemy as sa
from faultbooks import Books
from faultground import Facts, Ground
from faultports import WatchedDatabase

from storekeep.flows import house as houses
from storekeep.flows.house import House
from storekeep.flows.services import Services
from storekeep.kernel.clock import MINUTE, SECOND, Clock, VirtualClock
from storekeep.kernel.db import Database, Tx
from storekeep.kernel.ids import IdSource, SeededIds
from storekeep.shop.pricing import rules
from storekeep.world.simulator.programs import Ports

T = TypeVar("T")
#: Longer than any lease that a dead worker leaves behind
PAST_LEASES = 130 * SECOND


class Theatre:
    """The one database that every try plays in, made anew from the ground each time."""

    def __init__(self, ground: Ground, db: Database, renew: Callable[[], None]) -> None:
        self.ground, self.db, self._renew = ground, db, renew

    def stage(self, ports: Ports) -> "Stage":
        """The ground as it was, and everything around it."""
        self.db.engine.dispose()
        self.db._reader.dispose()
        self._renew()
        clock = VirtualClock(self.ground.at + SECOND)  # ids of now sort behind the ground's
        self.db.clock, self.db.ids = clock, SeededIds(clock, seed=12)
        return Stage(self.db, self.ground, ports, clock)


def sqlite_copier(template: Path, path: Path) -> Callable[[], None]:
    """Puts the template's file in the database's place."""

    def renew() -> None:
        for left in ("-wal", "-shm"):
            path.with_name(path.name + left).unlink(missing_ok=True)
        shutil.copy(template, path)

    return renew


def postgres_cloner(admin: sa.Engine, template: str, name: str) -> Callable[[], None]:
    """Drops the database and clones the template under its name."""

    def renew() -> None:
        with admin.connect() as conn:
            conn.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            conn.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")

    return renew


class Stage:
    """A house on its database. What `memo` holds is in people's heads: no crash takes it away."""

    def __init__(self, db: Database, ground: Ground, ports: Ports, clock: VirtualClock) -> None:
        self.base, self.ports, self.clock = db, ports, clock
        self.facts: Facts = ground.facts
        self.begin = clock.now()
        self._secret = ground.secret
        self.provider = ground.provider(clock)
        self.carriers = faultworld.carriers()
        self.box = faultworld.Postbox()
        self.memo: dict[str, Any] = {}
        #: How often the step that runs now was begun
        self.tries = 0
        self.generation = 0
        self.house: House = self.boot()

    def boot(self, clock: Clock | None = None, ids: IdSource | None = None) -> House:
        """A new house that knows nothing but what the database says; its clock may be wrong, and its ids with it."""
        rules._kept.clear()
        self.generation += 1
        db = WatchedDatabase(self.base, self.ports, clock)
        db.ids = ids or self.base.ids
        services = Services(
            db=db,
            providers={"memory": faultworld.ToldProvider(self.provider, self.ports)},  # type: ignore[dict-item]
            provider="memory",
            mailer=faultworld.ToldMailer(self.box, self.ports),
            carriers={code: faultworld.ToldCarrier(book, self.ports) for code, book in self.carriers.items()},
            link_secret=self._secret,
            public_url="http://127.0.0.1:8000",
        )
        name = f"worker.{self.generation}"
        self.house = houses.build(services, name=name, rng=random.Random(self.generation), media_folder=Path())
        return self.house

    def crash(self) -> None:
        """The program is gone, and nobody did anything until its leases had run out."""
        self.clock.sleep(PAST_LEASES)
        self.boot()

    # --- acting, through the ports ---

    def write(self, actor: str, do: Callable[[Tx], T]) -> T:
        with self.house.db.begin(actor=actor) as tx:
            return do(tx)

    def work(self) -> None:
        """Let the worker do everything, however long it has to wait until it may."""
        for _ in range(30):
            self.house.worker.drain()
            if not self.look(faultbooks.waiting):
                return
            self.clock.sleep(PAST_LEASES)
        raise AssertionError("the worker never came to an end")

    def until(self, minutes: int) -> None:
        """Let the time be at least so many minutes after the beginning."""
        self.clock.move_to(self.begin + minutes * MINUTE)

    # --- looking, past the ports ---

    def look(self, do: Callable[[Tx], T]) -> T:
        with self.base.read() as tx:
            return do(tx)

    def books(self) -> Books:
        """Everything that ours and the others' books say."""
        ours = self.look(faultbooks.of_shop)
        return ours | faultbooks.of_outside(self.provider, self.carriers) | faultbooks.of_box(self.box)
