"""`storekeep bench cartons` and `bench walk`: what the warehouse's algorithms save, and how long they think."""

import json
from pathlib import Path

import click

from storekeep.doors.cli.bench import cartons as packing
from storekeep.doors.cli.bench import walk as walking


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False, exists=True),
              help="folder of the Olist files; without it sizes are invented")  # fmt: skip
@click.option("--orders", default=400, show_default=True, type=click.IntRange(20, 100_000), help="drawn per size")
@click.option("--json", "as_json", is_flag=True, help="figures to keep, as JSON")
def cartons(data: Path | None, orders: int, as_json: bool) -> None:
    """Pack orders into cartons: milliseconds and box volume, beside py3dbp when it is installed."""
    found = packing.measure(data, orders=orders)
    click.echo(json.dumps(found, indent=2) if as_json else packing.as_text(found))


@click.command()
@click.option("--lists", default=200, show_default=True, type=click.IntRange(10, 10_000), help="pick lists per size")
@click.option("--json", "as_json", is_flag=True, help="figures to keep, as JSON")
def walk(lists: int, as_json: bool) -> None:
    """Walk pick lists: metres unsorted, in S-shape, shortest; and orders that share carts."""
    found = walking.measure(lists=lists)
    click.echo(json.dumps(found, indent=2) if as_json else walking.as_text(found))
