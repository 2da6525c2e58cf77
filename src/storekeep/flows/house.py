"""A shop that is running: its services, the worker that empties the queues, and the writer that places orders."""

import random  # lint: allow ports: the dice are handed in, only their type is named here
from dataclasses import dataclass
from pathlib import Path

from storekeep.flows import checkout
from storekeep.flows.handlers import batches, handlers
from storekeep.flows.services import Services
from storekeep.kernel.db import Database
from storekeep.kernel.worker import Worker
from storekeep.kernel.writer import Writer


@dataclass(frozen=True, slots=True)
class House:
    """What every door is handed. `worker` runs single outbox rows for requests that wait for the answer."""

    services: Services
    worker: Worker
    placing: Writer[checkout.PlaceOrder, checkout.PlaceAnswer]
    #: Where product pictures are kept and served from
    media_folder: Path

    @property
    def db(self) -> Database:
        return self.services.db


def build(services: Services, *, name: str, rng: random.Random, media_folder: Path) -> House:
    """Put a house together around its services; `name` marks its leases. The writer is not started."""
    return House(
        services=services,
        worker=Worker(services.db, handlers(services), name, rng, batches(services)),
        placing=Writer(services.db, checkout.place, lambda command: command.key),
        media_folder=media_folder,
    )
