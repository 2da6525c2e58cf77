"""Server, workers, warehouse hand and database are shot at random moments under load; afterwards every book agrees.

People repeat what was not answered, with the same keys, as people do. What they were told stands; the books of the
provider and the mail server are compared with the shop's both ways. The schedule of the shots follows from its seed,
which every failure names (the moments do not: they depend on the machine).

`make crash KILLS=300 SEED=12` sets their number and seed; without a seed a fresh one is drawn and printed.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pytest
from bookkeeping import Findings, compare
from cluster import Cluster
from processes import Program, lasting_port
from town import Town

#: One deck of shots, shuffled anew each time it is used up. `database` is on PostgreSQL only.
DECK = ("server",) * 5 + ("worker",) * 5 + ("hand",) * 2 + ("several",) * 4 + ("database",) * 3
#: How often a shot falls on programs that are still getting up, and while the provider stands still
HASTE, FROZEN = 0.25, 0.15
#: Orders acknowledged between two shots, at least; and carts at hand for each, more than the quickest machine needs
ORDERS_PER_SHOT, CARTS_PER_SHOT = 3, 400


@dataclass
class Range:
    """The shots at one town, and what was measured."""

    town: Town
    seed: int
    rng: random.Random
    shots: Counter[str] = field(default_factory=Counter)
    processes_shot: int = 0
    freezes: int = 0
    #: Seconds from a shot at server or database to the next order that was asked for after it
    silences: list[float] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    verified: int = 0
    database_recoveries: list[float] = field(default_factory=list)
    _deck: list[str] = field(default_factory=list)

    def shoot(self, count: int, verify_every: int) -> None:
        """Shoot `count` times; verify every so often while life goes on."""
        for n in range(1, count + 1):
            shot_at, hit_the_way_of_orders = self._shot()
            if self.rng.random() >= HASTE or n == count:
                self.town.wait_until_all_work()
                first = self.town.wait_for_orders(shot_at, ORDERS_PER_SHOT)
                if hit_the_way_of_orders:
                    self.silences.append(first - shot_at)
            if n % verify_every == 0:
                self.verify()
        self.town.wait_for_orders(time.monotonic(), ORDERS_PER_SHOT)
        self.town.wait_for_everything()

    def verify(self) -> None:
        """All invariants, on one snapshot."""
        self.verified += 1
        self.violations += self.town.verified()

    def _shot(self) -> tuple[float, bool]:
        """One shot: when it fell, and whether it hit what orders need."""
        is_frozen = self.rng.random() < FROZEN
        if is_frozen:
            self.freezes += 1
            self.town.provider.freeze()
        time.sleep(self.rng.uniform(0, 0.5))
        kind = self._card()
        targets = self._targets(kind)
        hits_database = kind == "database" or (kind == "several" and self._has_cluster and self.rng.random() < 0.25)
        self.shots[kind] += 1
        self.processes_shot += len(targets) + hits_database
        shot_at = time.monotonic()
        for program in targets:
            program.kill()
        if hits_database:
            self._shoot_database()
        time.sleep(self.rng.uniform(0, 0.1))
        for program in targets:
            program.start()
        if hits_database:
            self._wait_for_database()
        if is_frozen:
            time.sleep(self.rng.uniform(0, 0.5))
            self.town.provider.thaw()
        return shot_at, self.town.server in targets or hits_database

    @property
    def _has_cluster(self) -> bool:
        return self.town.cluster is not None

    def _card(self) -> str:
        if not self._deck:
            self._deck = [card for card in DECK if card != "database" or self._has_cluster]
            self.rng.shuffle(self._deck)
        return self._deck.pop()

    def _targets(self, kind: str) -> list[Program]:
        town = self.town
        if kind == "several":
            return self.rng.sample(town.programs, self.rng.randint(2, len(town.programs)))
        return {"server": [town.server], "worker": [self.rng.choice(town.workers)], "hand": [town.hand]}.get(kind, [])

    def _shoot_database(self) -> None:
        """The postmaster, or one of its children: then it throws everybody out and recovers by itself."""
        assert self.town.cluster is not None
        self.town.database_back_at = float("inf")
        self._database_shot_at = time.monotonic()
        aim = random.Random(self.rng.random())  # of its own: how many children there are must not bend the schedule
        if self.rng.random() < 0.3 and self.town.cluster.kill_a_backend(aim):
            return
        self.town.cluster.kill()
        self.town.cluster.start()

    def _wait_for_database(self) -> None:
        assert self.town.cluster is not None
        self.town.cluster.wait()
        self.town.database_back_at = time.monotonic()
        self.database_recoveries.append(time.monotonic() - self._database_shot_at)


def survive(town: Town, shots: int, seed: int, verify_every: int) -> str:
    """Open the town, shoot, let the heirs finish, compare every book. Returns the result line; raises what it found."""
    began = time.monotonic()
    print(f"\nthe shots follow seed {seed}", flush=True)  # noqa: T201 - named before anything can go wrong
    field_ = Range(town, seed, random.Random(seed))
    try:
        town.open()
        field_.shoot(shots, verify_every)
        town.go_home()
        town.finish()
        field_.verify()
        found = compare(town)
    except Exception as stumble:
        stumble.add_note(f"the shots followed seed {seed}")
        raise
    line = result_line(field_, found, time.monotonic() - began)
    told = town.told
    assert not field_.violations, f"{line}\n" + "\n".join(field_.violations)
    assert not found.wrong, "\n".join([line, *found.wrong[:40]])
    assert not told.wrong, f"{line}\n" + "\n".join(told.wrong[:20])
    assert not failures_of_its_own(field_), f"{line}\n" + "\n".join(failures_of_its_own(field_)[:20])
    for kept in ("orders", "charges", "refunds", "parcels sent", "mails", "scans"):
        assert found.counts[kept], f"{line}\nthe load was too small: no {kept}"
    assert told.repeats, "nobody had to ask twice, so nothing was shown"
    return line


def failures_of_its_own(field_: Range) -> list[str]:
    """Answers 5xx that no dead database explains; and one that does explain them is told as 503."""
    failed = field_.town.told.failed
    return [text for status, text in failed if status != 503 or not field_.database_recoveries]


def result_line(field_: Range, found: Findings, seconds: float) -> str:
    town = field_.town
    recoveries = [each for program in town.programs for each in program.recoveries[1:]]
    early = sum(program.shot_while_starting for program in town.programs)
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(field_.shots.items()))
    counted = ", ".join(f"{count:,} {kind}" for kind, count in found.counts.items() if count)
    database = spread(field_.database_recoveries)
    return (
        f"kills on {town.db.dialect}: seed {field_.seed}, {sum(field_.shots.values())} kills ({kinds}; "
        f"{field_.processes_shot} processes, {early} while getting up, provider stopped {field_.freezes} times), "
        f"acknowledged {town.told.count:,}, lost {len(found.lost)}, doubled {len(found.doubled)}, "
        f"books apart {len(found.apart)}, violations {len(field_.violations)} in {field_.verified} verifies, "
        f"asked again {town.told.repeats:,}, failure pages {len(town.told.failed)}; "
        f"recovery {spread(recoveries)}; next order {spread(field_.silences)}; "
        f"{f'database back {database}; ' if field_.database_recoveries else ''}"
        f"{seconds:.0f} s at load average {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores\n  ({counted})"
    )


def spread(seconds: list[float]) -> str:
    """Median and worst of some durations."""
    return f"p50 {median(seconds):.2f} s, max {max(seconds):.2f} s (n={len(seconds)})" if seconds else "none"


@pytest.fixture
def cluster(engine_kind: str) -> Iterator[Cluster | None]:
    if engine_kind == "sqlite":
        yield None
        return
    made = Cluster(lasting_port())
    try:
        made.start()
        made.wait()
        yield made
    finally:
        made.close()


@pytest.fixture
def shots(request: pytest.FixtureRequest) -> int:
    """How many shots this test is about."""
    return int(request.param)


@pytest.fixture
def town(
    cluster: Cluster | None, shots: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Town]:
    url = f"sqlite:///{tmp_path / 'shop.db'}" if cluster is None else cluster.create("town")
    made = Town(url, tmp_path, cluster, 500 + CARTS_PER_SHOT * shots)
    monkeypatch.setenv("STOREKEEP_SMTP_URL", made.letterbox.url)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.slow
@pytest.mark.parametrize("shots", [15], indirect=True)
def test_fifteen_kills_lose_and_double_nothing(
    town: Town, shots: int, capsys: pytest.CaptureFixture[str]
) -> None:
    line = survive(town, shots, seed=11, verify_every=5)
    with capsys.disabled():
        print(f"\n{line}")  # noqa: T201


@pytest.mark.crash
@pytest.mark.parametrize("shots", [int(os.environ.get("STOREKEEP_KILLS") or 100)], indirect=True)
def test_a_hundred_kills_lose_and_double_nothing(town: Town, shots: int, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("STOREKEEP_KILL_SEED") or random.SystemRandom().randrange(1_000_000))
    with capsys.disabled():
        line = survive(town, shots, seed, verify_every=10)
        print(f"\n{line}")  # noqa: T201
