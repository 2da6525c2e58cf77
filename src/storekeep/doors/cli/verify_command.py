"""`storekeep verify`: is every number in this shop true?"""

import json
import sys

import click
from sqlalchemy.exc import SQLAlchemyError

from storekeep.doors.cli.config import connect, db_option
from storekeep.kernel.clock import SystemClock
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.reports import verify as checks
from storekeep.shop.reports.verify import Report, Result

NOT_RUN = 2


@click.command()
@db_option
@click.option("--id", "ids", multiple=True, metavar="ID", help="check only this invariant (may be given again): G4")
@click.option("--json", "as_json", is_flag=True, help="the report as JSON")
@click.option("--list", "only_list", is_flag=True, help="list the invariants and check nothing")
def verify(db_url: str, ids: tuple[str, ...], as_json: bool, only_list: bool) -> None:
    """Recompute every invariant on a live database and name the rows that break one.

    Reads one snapshot and never writes. Exit code 0: all hold; 1: one is broken; 2: one could not be checked.
    """
    try:
        chosen = checks.chosen(ids)
        if only_list:
            for invariant in chosen:
                click.echo(f"{invariant.id:4} {invariant.sentence}")
            return
        report = _run(db_url, [invariant.id for invariant in chosen], quiet=as_json)
    except StorekeepError as refusal:
        click.echo(f"storekeep: nothing was checked: {refusal}", err=True)
        sys.exit(NOT_RUN)
    except SQLAlchemyError as failure:
        click.echo(f"storekeep: nothing was checked; the database says: {getattr(failure, 'orig', failure)}", err=True)
        sys.exit(NOT_RUN)
    click.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False) if as_json else report.as_text())
    sys.exit(report.exit_code)


def _run(db_url: str, ids: list[str], *, quiet: bool) -> Report:
    """Check on one snapshot, with a progress bar where somebody is watching."""
    db = connect(db_url)
    clock = SystemClock()
    try:
        with db.read() as tx:
            if quiet or not sys.stderr.isatty():
                return checks.run(tx, ids, timer=clock.now)
            bar = click.progressbar(length=len(ids), label="Checking", file=sys.stderr, item_show_func=_name)
            with bar:
                return checks.run(tx, ids, timer=clock.now, done=lambda result: bar.update(1, result))
    finally:
        db.close()


def _name(result: Result | None) -> str:
    return result.id if result is not None else ""
