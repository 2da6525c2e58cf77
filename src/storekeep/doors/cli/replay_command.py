"""`storekeep replay`: real orders from a file, through the whole shop, counted twice at the end."""

import csv
import json
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from storekeep.doors.cli.config import BadOption, check_url
from storekeep.world.simulator.replay import report, run
from storekeep.world.simulator.replay.planning import Plan
from storekeep.world.simulator.replay.reading import COLUMNS
from storekeep.world.simulator.replay.report import Outcome


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--db", "db_url", default=None, help="an empty database to keep (default: a temporary SQLite file)")
@click.option("--until", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]), help="leave out what is after this day")
@click.option("--limit", metavar="N", type=click.IntRange(1), help="only the first N invoices and credit notes")
@click.option("--rejects", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="write rejected rows")
@click.option("--json", "as_json", is_flag=True, help="the report as JSON")
def replay(file: Path, db_url: str | None, until: Any, limit: int | None, rejects: Path | None, as_json: bool) -> None:
    """Play the invoices of FILE through the shop: place, pay, pick, pack, ship, deliver, take back, refund.

    FILE has the columns of the UCI "Online Retail" set, as plain or gzip CSV. Catalogue and opening stock are made from
    it; time is virtual. The report counts from the file and from the ledgers. Exit code 1 when the two differ or
    `verify` finds a fault.
    """
    plan = run.plan_of(file, until.date().isoformat() if until else None, limit)
    if rejects is not None:
        write_rejects(plan, rejects)
    if db_url is not None:
        outcome = _play(check_url(db_url), plan, "FULL", quiet=as_json)
    else:
        with tempfile.TemporaryDirectory(prefix="storekeep-replay-") as folder:
            outcome = _play(f"sqlite:///{folder}/replay.db", plan, "OFF", quiet=as_json)
    if as_json:
        click.echo(json.dumps(report.as_json(outcome), indent=2, ensure_ascii=False))
    else:
        click.echo(report.as_text(outcome))
        if plan.rejects and rejects is None:
            click.echo("Name a file with --rejects to see the rejected rows.")
    sys.exit(0 if outcome.is_clean else 1)


def _play(url: str, plan: Plan, synchronous: str, *, quiet: bool) -> Outcome:
    watched = not quiet and sys.stderr.isatty()
    bar: Any = (
        click.progressbar(length=run.size_of(plan), label="Replaying", file=sys.stderr) if watched else nullcontext()
    )
    with bar as shown:
        return run.replay(url, plan, synchronous=synchronous, progress=shown.update if watched else None)


def write_rejects(plan: Plan, path: Path) -> None:
    """The rejected rows as CSV: number of the row, reason, and the row's own fields."""
    try:
        with open(path, "w", encoding="utf-8", newline="") as out:
            table = csv.writer(out)
            table.writerow(("Row", "Reason", *COLUMNS))
            table.writerows((one.number, one.reason, *one.fields) for one in plan.rejects)
    except OSError as failure:
        raise BadOption(f"the rejects cannot be written to {path}: {failure.strerror}") from failure
