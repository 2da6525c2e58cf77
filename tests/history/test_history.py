"""Many processes work on few things at once, and what each of them was told can be explained by one after the other."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from crew import Crew, Round
from linear import Operation, Stock, Verdict, check, read
from sqlalchemy import select

import make
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.inventory import locations, receiving
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.inventory.tables import availability
from storekeep.shop.reports import verify

AT_START = 4
#: Two things that are bought together, and one that is bought alone.
PAIRS = (("MUG", "BOWL"), ("BOWL", "MUG"), ("MUG",), ("BOWL",), ("TEA",))


@pytest.fixture
def shop(db: Database, clock: VirtualClock, tmp_path: Path) -> make.Shop:
    return make.shop(db, clock, tmp_path, {"COMMON": (1000, 400, 1)})


@pytest.fixture
def crew(shop: make.Shop, db_url: str, tmp_path: Path) -> Iterator[Crew]:
    made = Crew(db_url, tmp_path)
    yield made
    made.close()


def fresh_round(shop: make.Shop, number: int, calls: int) -> Round:
    """New variants with a few units in one bin each."""
    names = sorted({name for pair in PAIRS for name in pair})
    skus = {name: f"{name}-{number}" for name in names}
    make.stock(shop, dict.fromkeys(skus.values(), (1000, 400, 0)))
    variants = {name: shop.variants[sku] for name, sku in skus.items()}
    with shop.db.begin(actor="owner") as tx:
        home = warehouses(tx)[0].id
        bins = {name: locations.by_code(tx, f"A-{n:02}-1").id for n, name in enumerate(names, 1)}
        lines = [ReceiveLine(variants[name], AT_START, 500, bins[name]) for name in names]
        receiving.receive(tx, lines, home, f"round {number}", "opening stock")
    return Round(variants, bins, home, PAIRS, calls, seed=number)


def history_of(shop: make.Shop, crew: Crew, round_: Round, kill_after_s: float | None = None) -> list[Operation]:
    """What happened in a round, and last what the books say when all is quiet."""
    history = read(crew.work(round_, kill_after_s))
    names = {variant: name for name, variant in round_.variants.items()}
    with shop.db.read() as tx:
        rows = tx.rows(select(availability).where(availability.c.variant_id.in_(list(names))))
    books = {names[row.variant_id]: [row.on_hand_sellable, row.reserved] for row in rows}
    end = max(max(op.start, op.end if op.answer is not None else 0) for op in history)
    for names_together in (["MUG", "BOWL"], ["TEA"]):
        seen = {name: books[name] for name in names_together}
        history.append(Operation("look", {"variants": names_together}, seen, end + 1, end + 2))
    return history


def explained(history: list[Operation], round_: Round) -> Verdict:
    return check(history, Stock(tuple((name, AT_START) for name in sorted(round_.variants))))


def books_are_sound(db: Database) -> None:
    """Reservations, moves and what is available agree. (The orders of the crew are numbers without an order.)"""
    with db.read() as tx:
        report = verify.run(tx, ["G1", "G2", "G3", "G4", "G6", "G7", "K3"])
    assert report.status == "ok", report.as_text()


def run_rounds(shop: make.Shop, crew: Crew, rounds: int, calls: int, *, kill_every: int) -> list[Operation]:
    rng, all_of_them = random.Random(rounds), list[Operation]()
    for number in range(rounds):
        round_ = fresh_round(shop, number, calls)
        kill_after = rng.uniform(0.05, 0.5) if number % kill_every == kill_every - 1 else None
        history = history_of(shop, crew, round_, kill_after)
        verdict = explained(history, round_)
        assert verdict.is_linear, told(verdict, number)
        all_of_them += history
    books_are_sound(shop.db)
    return all_of_them


def told(verdict: Verdict, number: int) -> str:
    lines = [f"round {number}: no order of calls explains the answers; no next one fits after {verdict.stock}"]
    lines += [f"  {op.kind} {dict(op.asked)} -> {op.answer} by {op.process}" for op in verdict.stuck]
    return "\n".join(lines)


@pytest.mark.slow
def test_what_many_processes_were_told_could_have_happened_one_after_the_other(shop: make.Shop, crew: Crew) -> None:
    history = run_rounds(shop, crew, 3, 60, kill_every=3)
    said = {(op.kind, next(iter(op.answer), "")) for op in history if op.kind in ("reserve", "count") and op.answer}
    assert {("reserve", "ok"), ("reserve", "short"), ("count", "displaced")} <= said
    assert overlapping(history) > len(history) // 10, "they must have been at work at once, or it proves nothing"


@pytest.mark.slow
def test_the_checker_refuses_a_shop_that_reads_before_it_writes(shop: make.Shop, crew: Crew) -> None:
    round_ = replace(fresh_round(shop, 0, 60), by="careless")
    history = history_of(shop, crew, round_)
    assert not explained(history, round_).is_linear


@pytest.mark.long
def test_what_many_processes_were_told_in_many_rounds_could_have_happened(
    shop: make.Shop, crew: Crew, capsys: pytest.CaptureFixture[Any]
) -> None:
    history = run_rounds(shop, crew, 100, 150, kill_every=4)
    unanswered = sum(op.answer is None for op in history)
    with capsys.disabled():
        print(f"\n100 histories, {len(history)} operations, {overlapping(history)} overlapping, "  # noqa: T201
              f"{unanswered} without an answer, 0 anomalies")  # fmt: skip


def overlapping(history: list[Operation]) -> int:
    """Operations that began before another one had ended."""
    ended, count = 0.0, 0
    for op in sorted(history, key=lambda op: op.start):
        count += op.start < ended
        ended = max(ended, op.end if op.answer is not None else 0)
    return count
