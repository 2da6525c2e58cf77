"""Worker threads: one per lane, so that a slow mail server never holds up money, and one for housekeeping."""

import logging
import threading
from collections.abc import Sequence

from storekeep.flows.chores import Housekeeper
from storekeep.flows.house import House

log = logging.getLogger("storekeep.worker")

LANES = ("money", "label", "mail", "default")
IDLE_S = 0.25


def start(house: House, lanes: Sequence[str], stop: threading.Event, *, housekeeping: bool) -> list[threading.Thread]:
    """Start a thread per lane, and the housekeeper; they end soon after `stop` is set."""
    threads = [
        threading.Thread(target=_work, args=(house, lane, stop), name=f"lane-{lane}", daemon=True) for lane in lanes
    ]
    if housekeeping:
        threads.append(threading.Thread(target=_keep, args=(house, stop), name="housekeeper", daemon=True))
    for thread in threads:
        thread.start()
    return threads


def _work(house: House, lane: str, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            busy = house.worker.step([lane])
        except Exception:
            log.exception("lane %s stumbled; it goes on", lane)
            busy = 0
            stop.wait(1)
        if not busy:
            stop.wait(IDLE_S)


def _keep(house: House, stop: threading.Event) -> None:
    keeper = Housekeeper(house.db)
    while not stop.is_set():
        try:
            keeper.step()
        except Exception:
            log.exception("a chore failed; it will be tried again")
        stop.wait(1)
