"""Where things are: the database address and the data folder, from options and environment."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from storekeep import migrations
from storekeep.kernel.db import Database, DatabaseUnusable
from storekeep.kernel.errors import StorekeepError

DEFAULT_DB = "sqlite:///data/shop.db"


class BadOption(StorekeepError):
    """An option of the command line that cannot be used."""


def db_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The `--db` option, with STOREKEEP_DB and the demo's file as fallbacks."""
    return click.option(
        "--db",
        "db_url",
        envvar="STOREKEEP_DB",
        default=DEFAULT_DB,
        show_default=True,
        help="sqlite:///path or postgresql://user@host/name",
    )(command)


def check_url(url: str) -> str:
    """The address when it is one of ours; `BadOption` with the two forms otherwise."""
    try:
        kind = make_url(url).get_backend_name()
    except ArgumentError:
        kind = ""
    if kind not in {"sqlite", "postgresql"}:
        raise BadOption(f"{url!r} is no database address; use sqlite:///path or postgresql://user@host/name")
    if kind == "sqlite" and not make_url(url).database:
        raise BadOption("an SQLite address names a file: sqlite:///data/shop.db")
    return url


def connect(url: str, *, must_exist: bool = True, synchronous: str = "FULL") -> Database:
    """Open the database of an address; with `must_exist`, only when it holds a shop of exactly this release."""
    db = Database(check_url(url), synchronous=synchronous)
    if db.path is not None and must_exist and not db.path.exists():
        raise DatabaseUnusable(f"there is no database at {db.path}; run `storekeep init --db {url}` first")
    if db.path is not None and not must_exist:
        db.path.parent.mkdir(parents=True, exist_ok=True)
    if must_exist:
        migrations.check(db)
    return db


def data_folder(url: str) -> Path:
    """The folder for pictures and keys: beside the SQLite file, or STOREKEEP_DATA (default ./data)."""
    if named := os.environ.get("STOREKEEP_DATA"):
        return Path(named)
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return Path(parsed.database or "data/shop.db").parent
    return Path("data")
