"""What `storekeep serve` refuses: a file that is served already, a database that is missing, empty, or too new."""

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from processes import PROGRAM, Processes, command

from storekeep import migrations
from storekeep.kernel.db import Database, DatabaseUnusable
from storekeep.world.sandbox.serve import free_port


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path)
    yield made
    made.kill()


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/", headers={"Host": f"127.0.0.1:{port}"})
    status = connection.getresponse().status
    connection.close()
    return status < 500


@pytest.mark.slow
def test_a_second_server_on_one_sqlite_file_is_refused_and_the_first_goes_on(
    tmp_path: Path, processes: Processes
) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    assert command("init", "--db", url).returncode == 0
    first, second = free_port(), free_port()
    processes.start([*PROGRAM, "serve", "--db", url, "--port", str(first)])
    processes.wait_for(first)
    refused = command("serve", "--db", url, "--port", str(second))
    assert refused.returncode == 1
    assert "another `storekeep serve` already uses" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert answers(first)
    # Other commands may work beside a server; only a second server may not.
    assert command("user", "list", "--db", url).returncode == 0
    processes.kill()
    processes.start([*PROGRAM, "serve", "--db", url, "--port", str(second)])
    processes.wait_for(second)
    assert answers(second)


def test_a_missing_database_is_refused_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "shop.db"
    for verb in ("serve", "worker", "verify"):
        refused = command(verb, "--db", f"sqlite:///{path}")
        assert refused.returncode in (1, 2)
        assert "there is no database at" in refused.stderr
        assert "storekeep init" in refused.stderr
        assert "Traceback" not in refused.stderr
    assert not path.parent.exists()


def test_an_empty_file_is_no_shop(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    path.touch()
    refused = command("serve", "--db", f"sqlite:///{path}")
    assert refused.returncode == 1
    assert "no shop in it yet" in refused.stderr


def test_a_database_of_a_newer_storekeep_is_refused_untouched(db: Database) -> None:
    with db.begin() as tx:
        tx.run(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnusable, match="newer Storekeep"):
        migrations.check(db)
    refused = command("serve", "--db", db.url)
    assert refused.returncode == 1
    assert "written by a newer Storekeep (schema 9999)" in refused.stderr
    assert command("init", "--db", db.url).returncode != 0
    with db.read() as tx:
        assert tx.scalar(sa.text("SELECT version_num FROM alembic_version")) == "9999"
