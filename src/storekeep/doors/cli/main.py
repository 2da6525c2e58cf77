"""The commands of `storekeep`, gathered. Every refusal of ours is one sentence and exit code 1, never a traceback."""

import sys

import click
import sqlalchemy

from storekeep.doors.cli import (
    bench_command,
    demo_command,
    replay_command,
    serve_command,
    shop_commands,
    verify_command,
)
from storekeep.kernel.errors import StorekeepError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="storekeep")
def storekeep() -> None:
    """Storekeep runs an online store behind the scenes.

    The database is picked by --db or STOREKEEP_DB: sqlite:///path or postgresql://user@host/name.
    """


for command in (
    demo_command.demo,
    shop_commands.init,
    serve_command.serve,
    serve_command.worker,
    verify_command.verify,
    replay_command.replay,
    bench_command.bench,
    shop_commands.sandbox,
    shop_commands.user,
):
    storekeep.add_command(command)


def main() -> None:
    """Entry point of the console script."""
    try:
        storekeep(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except StorekeepError as refusal:
        click.echo(f"storekeep: {refusal}", err=True)
        sys.exit(1)
    except sqlalchemy.exc.OperationalError as failure:
        click.echo(f"storekeep: the database says: {failure.orig}", err=True)
        sys.exit(1)
