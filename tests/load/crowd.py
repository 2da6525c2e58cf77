"""Buyers as threads in several processes, all pressing the button at the same moment.

Each process has its own `Database` and its own writer, as servers have; one barrier stands across all of them.
"""

import multiprocessing
import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import naive

from make import ADDRESS
from storekeep.flows import checkout
from storekeep.kernel.clock import HOUR
from storekeep.kernel.db import Database
from storekeep.kernel.jsontext import dump
from storekeep.kernel.writer import Writer
from storekeep.shop.orders import tables

PATIENCE_S = 120


@dataclass(frozen=True)
class Told:
    """What a buyer was told: an order number, or the codes of the problems with what was left of each."""

    number: int | None
    problems: tuple[tuple[str, int], ...]


def carts(db: Database, buyers: int, wanted: Sequence[str], seed: int) -> list[str]:
    """One ready cart per buyer with one of each wanted variant, in an order of its own, and nothing held."""
    rng = random.Random(seed)
    heads, lines = [], []
    with db.begin(actor="shopper") as tx:
        for n in range(buyers):
            cart_id = tx.new_id()
            heads.append(_head(tx.now, cart_id, n))
            for position, variant_id in enumerate(rng.sample(wanted, len(wanted)), 1):
                lines.append(
                    {
                        "id": tx.new_id(),
                        "cart_id": cart_id,
                        "variant_id": variant_id,
                        "qty": 1,
                        "unit_price_minor": 1000,
                        "price_locked_until": tx.now + 24 * HOUR,
                        "position": position,
                    }
                )
        tx.insert_many(tables.cart, heads)
        tx.insert_many(tables.cart_line, lines)
    return [head["id"] for head in heads]


def _head(now: int, cart_id: str, n: int) -> dict[str, Any]:
    return {
        "id": cart_id,
        "token_hash": f"hash of {cart_id}",
        "currency": "EUR",
        "country": "DE",
        "email": f"buyer{n}@example.com",
        "ship_to": dump(ADDRESS),
        "delivery_code": "standard-home",
        "discount_code": None,
        "version": 1,
        "seen_total_minor": None,
        "price_locked_until": None,
        "created_at": now,
        "updated_at": now,
    }


class Crowd:
    """Processes that wait with their buyers; `rush` lets all of them press at once and returns what each was told."""

    def __init__(self, url: str, *, processes: int = 2, by: str = "checkout") -> None:
        spawn = multiprocessing.get_context("spawn")
        self._gate = spawn.Barrier(processes)  # kept: a barrier that nobody holds any more is gone for the children too
        self._homes: list[tuple[Any, Connection]] = []
        for _ in range(processes):
            ours, theirs = spawn.Pipe()
            process = spawn.Process(target=_home, args=(url, theirs, self._gate, by), daemon=True)
            process.start()
            self._homes.append((process, ours))

    def rush(self, cart_ids: Sequence[str]) -> list[Told]:
        """Each cart is pressed once, all at the same moment, spread over the processes."""
        count = len(self._homes)
        for n, (_, pipe) in enumerate(self._homes):
            pipe.send(cart_ids[n::count])
        told: list[Told] = []
        for _, pipe in self._homes:
            if not pipe.poll(PATIENCE_S):
                raise TimeoutError("buyers are still waiting for an answer")
            answer = pipe.recv()
            if isinstance(answer, BaseException):
                raise answer
            told += answer
        return told

    def close(self) -> None:
        """Send everybody home."""
        for process, pipe in self._homes:
            pipe.send(None)
            process.join(20)
            process.kill()


def _home(url: str, pipe: Connection, gate: Any, by: str) -> None:
    """One process: its database, its writer, and a thread per buyer in each round."""
    db = Database(url, synchronous="OFF")
    writer: Writer[checkout.PlaceOrder, checkout.PlaceAnswer] = Writer(db, checkout.place, lambda one: one.key)
    writer.start()
    while (cart_ids := pipe.recv()) is not None:
        try:
            pipe.send(_round(db, writer, cart_ids, gate, by))
        except Exception as failure:  # the parent raises it
            pipe.send(RuntimeError(repr(failure)))
    writer.stop()
    db.close()


def _round(db: Database, writer: Any, cart_ids: Sequence[str], gate: Any, by: str) -> list[Told]:
    here = threading.Barrier(len(cart_ids) + 1)
    told: list[Told] = []
    failures: list[BaseException] = []

    def press(cart_id: str) -> None:
        here.wait(PATIENCE_S)
        try:
            if by == "naive":
                told.append(Told(1, ()) if naive.buy(db, cart_id) else Told(None, (("out_of_stock", 0),)))
            else:
                told.append(_told(writer.submit(checkout.PlaceOrder(cart_id)).result(PATIENCE_S)))
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=press, args=(cart_id,)) for cart_id in cart_ids]
    for thread in threads:
        thread.start()
    gate.wait(PATIENCE_S)
    here.wait(PATIENCE_S)
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return told


def _told(answer: checkout.PlaceAnswer) -> Told:
    if isinstance(answer, checkout.Placed):
        return Told(answer.number, ())
    return Told(None, tuple((one.code, int(one.data["available"])) for one in answer.problems))
