"""`storekeep simulate`: days of a whole shop in virtual time, with everything that can go wrong, repeatable by seed."""

import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from storekeep.doors.cli.config import BadOption, check_url
from storekeep.doors.cli.replay_command import write_rejects
from storekeep.doors.cli.serve_command import refuse_second_server
from storekeep.kernel.errors import StorekeepError
from storekeep.world.simulator import report, simulation
from storekeep.world.simulator.market import Demand, FileDemand, Market, ShopSpec
from storekeep.world.simulator.simulation import Run, Setting
from storekeep.world.simulator.trouble import PROFILES

BAD_INPUT = 2
#: Strings are hashed alike in every process that has this seed, so that no order of a set can leak into a run.
HASH_SEED = "0"
#: The usual size of the shop
USUAL = {"skus": 2_000, "orders": 20_000}


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for on the command line."""

    setting: Setting
    market: Market
    db_url: str | None
    html: Path | None
    as_json: bool
    replay: str


@click.command()
@click.option("--days", type=click.IntRange(1, 3660), help="virtual days (default 30; with --demand all of the file)")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="one seed is one run")
@click.option("--faults", metavar="|".join(PROFILES), default="calm", show_default=True, help="how much goes wrong")
@click.option("--skus", type=click.IntRange(1, 100_000), default=2_000, show_default=True, help="products of the shop")
@click.option("--orders", type=click.IntRange(1), default=20_000, show_default=True, help="orders in a year, about")
@click.option("--demand", type=click.Path(path_type=Path), help="real order lines instead of made-up demand")
@click.option("--db", "db_url", help="an empty database to play in and keep (default: a temporary SQLite file)")
@click.option("--until", metavar="EVENT", type=click.IntRange(1), help="stop after this event; keep it with --db")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="write the report as a page, too")
@click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), help="write rejected rows of --demand")
@click.option("--json", "as_json", is_flag=True, help="the report as JSON")
def simulate(**options: Any) -> None:
    """Play days of a shop: shoppers, hands, carriers, bank, suppliers and the post, with faults outside and inside.

    The real code runs in virtual time, on an empty database: a shop that exists is always refused. Every transaction,
    night and month is checked, and at the end the books of bank, carriers and post are compared with ours.

    Exit code 0: nothing was found; 1: a violation, with the seed, the event and the command that replays it; 2: the
    options cannot be used. FAULTS is none, calm (about 3 % of orders have trouble) or hostile (we fail, too).
    """
    _fix_hash_seed()
    gc.set_threshold(100_000, 20, 50)  # a year makes many objects that live on; looking through them often is dear
    try:
        wish = _wish(options)
        with _database(wish.db_url) as url:
            found = _play(wish, url)
    except StorekeepError as refusal:
        click.echo(f"storekeep: nothing was simulated: {refusal}", err=True)
        sys.exit(BAD_INPUT)
    sys.exit(found)


def _fix_hash_seed() -> None:
    """Begin again in a process whose strings hash the same way every time."""
    if os.environ.get("PYTHONHASHSEED") != HASH_SEED:
        sys.stdout.flush()
        command = [sys.executable, "-m", "storekeep.doors.cli", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "PYTHONHASHSEED": HASH_SEED})  # noqa: S606


def _wish(options: dict[str, Any]) -> _Wish:
    if options["faults"] not in PROFILES:
        raise BadOption(f"there is no fault profile {options['faults']!r}; there are {', '.join(PROFILES)}")
    if options["html"] is not None and not options["html"].parent.is_dir():
        raise BadOption(f"there is no folder {options['html'].parent} to write the report to")
    seed, market = options["seed"], _market(options)
    setting = Setting(len(market.days), seed, options["faults"], options["until"])
    said = [f"--days {len(market.days)}", f"--seed {seed}", f"--faults {options['faults']}"]
    if options["demand"] is not None:
        said.append(f"--demand {options['demand']}")
    said += [f"--{name} {options[name]}" for name, usual in USUAL.items() if options[name] != usual]
    return _Wish(
        setting, market, options["db_url"], options["html"], options["as_json"], f"storekeep simulate {' '.join(said)}"
    )


def _market(options: dict[str, Any]) -> Market:
    path = options["demand"]
    if path is None:
        spec = ShopSpec(skus=options["skus"], orders_per_year=options["orders"])
        return Demand(spec, simulation.first_moment(spec.timezone), options["days"] or 30, options["seed"])
    if not path.is_file():
        raise BadOption(f"there is no file {path}")
    found = FileDemand.read(path)
    if options["days"] is not None:
        until = found.days[min(options["days"], len(found.days)) - 1]
        found = FileDemand.read(path, until)
    if options["rejects"] is not None:
        write_rejects(found.plan, options["rejects"])
    elif found.rejects and not options["as_json"]:
        click.echo(f"{len(found.rejects)} rows are left out; --rejects FILE lists them with the reasons.", err=True)
    return found


@contextmanager
def _database(url: str | None) -> Iterator[str]:
    if url is not None:
        yield check_url(url)
        return
    with tempfile.TemporaryDirectory(prefix="storekeep-simulate-") as folder:
        yield f"sqlite:///{folder}/shop.db"


def _play(wish: _Wish, url: str) -> int:
    begin = time.monotonic()
    db = simulation.database(url, wish.setting.seed, wish.market.start)
    try:
        refuse_second_server(db)
        watched = not wish.as_json and sys.stderr.isatty()
        bar: Any = (
            click.progressbar(length=wish.setting.days, label="Simulating", file=sys.stderr)
            if watched
            else nullcontext()
        )
        with bar as shown:
            run = simulation.simulate(
                db, wish.market, wish.setting, progress=(lambda _day: shown.update(1)) if watched else None
            )
        _tell(wish, run, db, time.monotonic() - begin)
    finally:
        db.close()
    return 0 if run.violation is None else 1


def _tell(wish: _Wish, run: Run, db: Any, wall_s: float) -> None:
    event = run.violation.event if run.violation else run.events
    found = wish.market.promotions if isinstance(wish.market, Demand) else ()
    promotions = [(each.first_day, each.last_day, each.code) for each in found]
    with db.read() as tx:
        figures = report.figures(
            tx, run, wall_s, promotions=promotions, currency=wish.market.currency,
            timezone=wish.market.timezone, replay=f"{wish.replay} --until {event}",
        )  # fmt: skip
    if wish.html is not None:
        wish.html.write_text(report.page(figures), encoding="utf-8")
    if wish.as_json:
        click.echo(json.dumps(report.as_json(figures), indent=2, ensure_ascii=False))
    else:
        click.echo(report.text(figures))
