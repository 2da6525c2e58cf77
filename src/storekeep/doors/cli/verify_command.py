"""`storekeep verify`: is every number in this shop true?"""

import json
import sys

import click
from sqlalchemy.exc import SQLAlchemyError

from storekeep.doors.cli.config import connect, db_option
from storekeep.kernel.clock import HOUR, SystemClock
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.reports import verify as checks
from storekeep.shop.reports.verify import Report, Result

NOT_RUN = 2
#: How far a quick look goes back, in hours.
DAY_LONG = 24


@click.command()
@db_option
@click.option("--id", "ids", multiple=True, metavar="ID", help="check only this invariant (may be given again): G4")
@click.option("--quick", is_flag=True, help="look only at what changed in the last 24 hours")
@click.option("--since", "hours", type=click.IntRange(1, 1_000_000), metavar="HOURS", help="quick, of so many hours")
@click.option("--json", "as_json", is_flag=True, help="the report as JSON")
@click.option("--list", "only_list", is_flag=True, help="list the invariants and check nothing")
def verify(
    db_url: str, ids: tuple[str, ...], quick: bool, hours: int | None, as_json: bool, only_list: bool
) -> None:
    """Recompute every invariant on a live database and name the rows that break one.

    Reads one snapshot and never writes. Exit code 0: all hold; 1: one is broken; 2: one could not be checked.
    With --quick or --since, orders, goods, parcels and so on that nobody touched lately are left out.
    """
    try:
        chosen = checks.chosen(ids)
        if only_list:
            for invariant in chosen:
                click.echo(f"{invariant.id:4} {invariant.sentence}")
            return
        back = hours or (DAY_LONG if quick else None)
        report = _run(db_url, [invariant.id for invariant in chosen], back, quiet=as_json)
    except StorekeepError as refusal:
        click.echo(f"storekeep: nothing was checked: {refusal}", err=True)
        sys.exit(NOT_RUN)
    except SQLAlchemyError as failure:
        click.echo(f"storekeep: nothing was checked; the database says: {getattr(failure, 'orig', failure)}", err=True)
        sys.exit(NOT_RUN)
    click.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False) if as_json else report.as_text())
    sys.exit(report.exit_code)


def _run(db_url: str, ids: list[str], back: int | None, *, quiet: bool) -> Report:
    """Check on one snapshot, with a progress bar where somebody is watching; with `back` only the last hours."""
    db = connect(db_url)
    clock = SystemClock()
    since = None if back is None else clock.now() - back * HOUR
    try:
        with db.read() as tx:
            if quiet or not sys.stderr.isatty():
                return checks.run(tx, ids, since=since, timer=clock.now)
            bar = click.progressbar(length=len(ids), label="Checking", file=sys.stderr, item_show_func=_name)
            with bar:
                return checks.run(tx, ids, since=since, timer=clock.now, done=lambda result: bar.update(1, result))
    finally:
        db.close()


def _name(result: Result | None) -> str:
    return result.id if result is not None else ""
