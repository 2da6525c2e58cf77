"""Several sessions at once: exactly what there is gets promised, and nobody waits for ever."""

import threading
from collections import Counter

from stockroom import Stockroom

from storekeep.kernel.errors import StorekeepError
from storekeep.shop.inventory import correcting, reservations
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.model import Firmed, FirmLine, FirmRequest, Short


def test_buyers_and_a_counter_at_once_promise_exactly_what_there_is(room: Stockroom) -> None:
    for name in ("MUG", "BOWL"):
        room.stock(name, 10)
    seen, failures = Counter[type](), list[Exception]()

    def buy(names: tuple[str, str]) -> None:
        for _ in range(8):
            with room.db.begin("shopper") as tx:
                lines = tuple(FirmLine(tx.new_id(), room.variants[name], 1) for name in names)
                seen[type(reservations.firm(tx, [FirmRequest(None, tx.new_id(), lines)])[0])] += 1

    def count(names: tuple[str, str]) -> None:
        for n in range(4):
            try:
                with room.db.begin("staff:counter") as tx:
                    place = room.variants[names[0]], room.bins["A-1"]
                    correcting.correct(tx, [Correction(*place, 1, "found", f"{names}-{n}")])
            except StorekeepError as error:
                failures.append(error)

    both = [("MUG", "BOWL"), ("BOWL", "MUG")]
    threads = [threading.Thread(target=work, args=(names,)) for names in both for work in (buy, buy, count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert seen[Firmed] + seen[Short] == 32
    assert room.numbers("MUG") == (14, seen[Firmed])
    assert room.numbers("BOWL") == (14, seen[Firmed])
    assert 10 <= seen[Firmed] <= 14
