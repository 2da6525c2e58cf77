"""The commands of `storekeep`, gathered. Every refusal of ours is one sentence and exit code 1, never a traceback."""

import sys
from importlib import import_module

import click
import sqlalchemy

from storekeep.kernel.errors import StorekeepError

#: Where each command stands, in the order of the help: module of this folder, and name in it.
COMMANDS = {
    "demo": ("demo_command", "demo"),
    "init": ("shop_commands", "init"),
    "serve": ("serve_command", "serve"),
    "worker": ("serve_command", "worker"),
    "verify": ("verify_command", "verify"),
    "explain": ("explain_command", "explain"),
    "replay": ("replay_command", "replay"),
    "simulate": ("simulate_command", "simulate"),
    "bench": ("bench_command", "bench"),
    "sandbox": ("shop_commands", "sandbox"),
    "user": ("shop_commands", "user"),
}


class Commands(click.Group):
    """Imports a command when it is asked for: a server that gets up after a crash need not learn the demo first."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command = getattr(import_module(f"storekeep.doors.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="storekeep")
def storekeep() -> None:
    """Storekeep runs an online store behind the scenes.

    The database is picked by --db or STOREKEEP_DB: sqlite:///path or postgresql://user@host/name.
    """


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
