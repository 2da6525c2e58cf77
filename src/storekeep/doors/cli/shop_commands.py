"""`storekeep init`, `user` and `sandbox`: making a shop, letting people in, playing the payment provider."""

import getpass
import secrets
import sys
from pathlib import Path

import click

from storekeep import migrations
from storekeep.doors.cli.config import connect, db_option
from storekeep.flows import groundwork, telling
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.access import passwords, staff
from storekeep.shop.access.staff import NewStaff


@click.command()
@db_option
def init(db_url: str) -> None:
    """Create the database, or upgrade it. Safe to run again.

    An empty shop gets a warehouse and the tax rates and delivery rates that an owner then changes in the console.
    """
    db = connect(db_url, must_exist=False)
    migrations.upgrade(db)
    with db.begin(actor="init") as tx:
        telling.link_secret(tx)
        groundwork.lay(tx)
        has_staff = not staff.is_empty(tx)
    click.echo(f"The database is ready: {db_url}")
    if not has_staff:
        click.echo("Next: storekeep user add YOU@EXAMPLE.COM --role owner, then storekeep serve")
    db.close()


@click.group()
def user() -> None:
    """Add people who work in the shop, or change how they get in."""


@user.command("add")
@db_option
@click.argument("email")
@click.option("--name", default="", help="what colleagues call them (default: the part before the @)")
@click.option("--role", type=click.Choice(["owner", "warehouse", "agent", "accountant"]), default="owner")
@click.option("--refund-limit", type=click.IntRange(0), default=0, help="most that an agent may refund, in minor units")
@click.option("--password-stdin", is_flag=True, help="read the password from standard input")
def add_user(db_url: str, email: str, name: str, role: str, refund_limit: int, password_stdin: bool) -> None:
    """Let somebody in. Without --password-stdin or a terminal, a password is made and printed once."""
    db = connect(db_url)
    password, is_made = _password(password_stdin)
    hashed = passwords.hash_password(password, about=(email, name))
    with db.begin(actor="command line") as tx:
        staff.create(tx, [NewStaff(email, name or email.partition("@")[0], role, hashed, refund_limit)])
    click.echo(f"{email} may come in as {role}." + (f" Password: {password}" if is_made else ""))
    db.close()


@user.command("password")
@db_option
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="read the password from standard input")
def new_password(db_url: str, email: str, password_stdin: bool) -> None:
    """Give somebody a new password; all their sessions end."""
    db = connect(db_url)
    password, is_made = _password(password_stdin)
    hashed = passwords.hash_password(password, about=(email,))
    with db.begin(actor="command line") as tx:
        found = [row.id for row in staff.everyone(tx) if row.email == email.strip().lower()]
        if not found:
            raise StorekeepError(f"nobody here has the address {email}")
        staff.set_password(tx, found[0], hashed)
    click.echo("The password is changed." + (f" Password: {password}" if is_made else ""))
    db.close()


@user.command("list")
@db_option
def list_users(db_url: str) -> None:
    """Who may come in."""
    db = connect(db_url)
    with db.read() as tx:
        for row in staff.everyone(tx):
            click.echo(f"{row.email:40} {row.role:12} {row.status}")
    db.close()


def _password(from_stdin: bool) -> tuple[str, bool]:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n"), False
    if sys.stdin.isatty():
        return getpass.getpass("Password: "), False
    return secrets.token_urlsafe(15), True


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8001, show_default=True, type=click.IntRange(1, 65535))
@click.option("--data", "db_path", default="data/sandbox.db", show_default=True, help="its own database file")
@click.option("--webhook-url", default=None, help="where the shop wants to hear of events")
@click.option("--webhook-secret", default=None, envvar="STOREKEEP_SANDBOX_WEBHOOK_SECRET")
@click.option("--key", "secret_key", default="sk_test_storekeep", envvar="STOREKEEP_SANDBOX_KEY", show_default=True)
@click.option("--shop-name", default="Demo shop")
@click.option("--public-url", default=None, help="address that browsers use (default http://localhost:PORT)")
@click.option("--faults", is_flag=True, help="switch on /_sandbox/ faults")
def sandbox(
    host: str,
    port: int,
    db_path: str,
    webhook_url: str | None,
    webhook_secret: str | None,
    secret_key: str,
    shop_name: str,
    public_url: str | None,
    faults: bool,
) -> None:
    """Play the payment provider: test cards, hosted payment page, signed webhooks, its own book."""
    from storekeep.world.sandbox import serve as sandbox_server

    Path(db_path).parent.mkdir(parents=True, exist_ok=True)
    try:
        sandbox_server.run(
            host,
            port,
            db_path,
            webhook_url,
            webhook_secret=webhook_secret,
            secret_key=secret_key,
            shop_name=shop_name,
            public_url=public_url or f"http://localhost:{port}",
            faults=faults,
            announce=click.echo,
        )
    except OSError as error:
        raise StorekeepError(f"the sandbox cannot use port {port}: {error.strerror}") from error
