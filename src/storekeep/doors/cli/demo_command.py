"""`storekeep demo`: a living shop in one command, kept between starts."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click

from storekeep import migrations
from storekeep.doors.cli.config import BadOption
from storekeep.doors.cli.running import SANDBOX, house_of
from storekeep.doors.cli.serve_command import refuse_second_server, run_server
from storekeep.flows import groundwork, telling
from storekeep.kernel import settings
from storekeep.kernel.db import Database
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.access import passwords, staff
from storekeep.shop.access.staff import NewStaff
from storekeep.shop.site import profile
from storekeep.world.simulator import history, stocking

OWNER = "owner@hearthandtable.example"


@dataclass(frozen=True, slots=True)
class Place:
    """Where this demo lives."""

    data: Path
    host: str
    port: int
    public_url: str
    sandbox_url: str
    certificate: tuple[Path, Path] | None

    @property
    def db_url(self) -> str:
        return f"sqlite:///{self.data / 'shop.db'}"


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65534))
@click.option("--data", default="data", show_default=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--pace", default=1.0, show_default=True, help="speed of the demo world")
@click.option("--quiet", is_flag=True, help="a still shop: nobody comes unless you do")
@click.option("--lan", is_flag=True, help="let other devices in the network visit; makes a certificate")
def demo(port: int, data: Path, pace: float, quiet: bool, lan: bool) -> None:
    """Open a living demo shop: shoppers, warehouse hands and carriers keep it moving."""
    if not 0 < pace <= 100:
        raise BadOption("the pace is a number above 0 and at most 100")
    data.mkdir(parents=True, exist_ok=True)
    place = _place(data, port, lan)
    db = Database(place.db_url)
    refuse_second_server(db)
    _refuse_taken(place)
    migrations.upgrade(db)
    sandbox = _start_sandbox(place)
    try:
        password = _prepare(db, place)
        db.close()
        _announce(place, password, quiet)
        run_server(
            place.db_url,
            place.host,
            place.port,
            pace=0.0 if quiet else pace,
            certificate=place.certificate,
        )
    finally:
        sandbox.terminate()
        sandbox.wait(timeout=10)


def _place(data: Path, port: int, lan: bool) -> Place:
    if not lan:
        shop, pay = f"http://127.0.0.1:{port}", f"http://localhost:{port + 1}"
        return Place(data, "127.0.0.1", port, shop, pay, None)
    address = _lan_address()
    certificate = _certificate(data, address)
    return Place(data, "0.0.0.0", port, f"https://{address}:{port}", f"https://{address}:{port + 1}", certificate)  # noqa: S104


def _lan_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent; the kernel only says which address would be used
        except OSError as error:
            raise BadOption("this machine is in no network, so nobody else could visit") from error
        return str(probe.getsockname()[0])


def _certificate(data: Path, address: str) -> tuple[Path, Path]:
    certificate, key = data / f"lan-{address}.crt", data / f"lan-{address}.key"
    if certificate.exists() and key.exists():
        return certificate, key
    if shutil.which("openssl") is None:
        raise BadOption("LAN=1 needs the program openssl to make a certificate; it is not installed")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "365", "-keyout", str(key), "-out", str(certificate), "-subj", f"/CN={address}",
         "-addext", f"subjectAltName=IP:{address}"],
        check=True, capture_output=True,
    )  # fmt: skip
    key.chmod(0o600)
    return certificate, key


def _refuse_taken(place: Place) -> None:
    for port in (place.port, place.port + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise BadOption(f"port {port} is taken; choose another with PORT=") from error


def _start_sandbox(place: Place) -> "subprocess.Popen[str]":
    key_file = place.data / "sandbox-keys"
    if not key_file.exists():
        key_file.write_text(f"sk_test_{secrets.token_hex(16)} whsec_{secrets.token_hex(16)}")
        key_file.chmod(0o600)
    key, webhook_secret = key_file.read_text().split()
    command = [sys.executable, "-m", "storekeep.doors.cli.sandbox_process", str(place.port + 1),
               str(place.data / "sandbox.db"), place.public_url, place.sandbox_url, place.host]  # fmt: skip
    environment = {**os.environ, "STOREKEEP_SANDBOX_KEY": key, "STOREKEEP_SANDBOX_WEBHOOK_SECRET": webhook_secret}
    if place.certificate:
        command += [str(path) for path in place.certificate]
        environment["STOREKEEP_SANDBOX_CA"] = str(place.certificate[0])
    process = subprocess.Popen(command, env=environment, text=True, stdout=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    for _ in range(200):
        if process.poll() is not None:
            raise StorekeepError("the sandbox payment provider did not start")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", place.port + 1)) == 0:
                return process
        time.sleep(0.05)
    process.terminate()
    raise StorekeepError("the sandbox payment provider does not answer")


def _prepare(db: Database, place: Place) -> str:
    """Lay out the shop when it is new; returns the password of the demo log-in."""
    key, webhook_secret = (place.data / "sandbox-keys").read_text().split()
    api = place.sandbox_url.replace("localhost", "127.0.0.1")
    login = place.data / "demo-login"
    with db.read() as tx:
        is_new = not profile.is_set_up(tx)
    if is_new:
        click.echo("Opening a new demo shop …")
        pictures = stocking.draw_pictures(place.data / "media")
        with db.begin(actor="init") as tx:
            groundwork.lay(tx)
            telling.link_secret(tx)
            stocking.open_demo(tx, pictures, place.public_url)
        login.write_text(secrets.token_urlsafe(12))
        login.chmod(0o600)
        hashed = passwords.hash_password(login.read_text())
        with db.begin(actor="init") as tx:
            staff.create(tx, [NewStaff(OWNER, "Demo owner", "owner", hashed, 0)])
    with db.begin(actor="init") as tx:
        settings.write(
            tx,
            SANDBOX,
            {
                "secret_key": key,
                "base_url": api,
                "webhook_secret": webhook_secret,
                "pages": place.sandbox_url,
                "ca_file": str(place.certificate[0]) if place.certificate else "",
            },
        )
        if profile.load(tx).is_demo:
            profile.save(tx, {"public_url": place.public_url})
    if is_new:
        history.play(
            house_of(db, place.db_url, name="history"), ca_file=str(place.certificate[0]) if place.certificate else None
        )
    return login.read_text() if login.exists() else ""


def _announce(place: Place, password: str, quiet: bool) -> None:
    lines = [
        "",
        f"  Storefront   {place.public_url}/",
        f"  Console      {place.public_url}/console",
        f"  Log in as    {OWNER}   password  {password}" if password else "  Log in with the account you made",
        f"  Card         4242 4242 4242 4242 pays; the payment page lists the others ({place.sandbox_url})",
        "  The shop is still (QUIET=1): nobody comes unless you do."
        if quiet
        else "  Shoppers, hands and carriers are at work.",
        "  Ctrl-C closes the shop; its data stays in " + str(place.data),
        "",
    ]
    click.echo("\n".join(lines))
