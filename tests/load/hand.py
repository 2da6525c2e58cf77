"""A warehouse hand as a program: picks, packs and hands over to the van until somebody shoots it."""

import random
import sys
import time

from storekeep.doors.cli.running import house_of
from storekeep.kernel.db import Database
from storekeep.kernel.errors import StorekeepError
from storekeep.world.simulator import hands
from storekeep.world.simulator.actors import Stage
from storekeep.world.simulator.till import PageTill


def main(url: str) -> None:
    db = Database(url)
    stage = Stage(house_of(db, url, name="hand"), PageTill(), random.Random(4))
    while True:
        for act in (hands.pick, hands.pack, hands.hand_over):
            try:
                act(stage)
            except StorekeepError as refusal:
                sys.stderr.write(f"the hand was told: {refusal}\n")
        time.sleep(0.02)


if __name__ == "__main__":
    main(sys.argv[1])
