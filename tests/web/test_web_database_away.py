"""While the database server does not answer, a page says so in words, and other failures are not taken for it."""

from __future__ import annotations

import pytest
from make_web import a_door, an_app, ask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storekeep.doors.web import Req, route
from storekeep.kernel.db import Database, is_unreachable
from storekeep.world.sandbox.serve import free_port


@pytest.fixture
def away() -> Database:
    """A database at an address where nobody listens."""
    return Database(f"postgresql://nobody@127.0.0.1:{free_port()}/shop")


def test_pages_and_other_addresses_say_503_and_when_to_come_back(away: Database) -> None:
    def page(req: Req) -> Response:
        with away.read():
            raise AssertionError("there is nothing to read")

    async def machine(request: Request) -> Response:
        with away.begin():
            raise AssertionError("there is nothing to write")

    door = a_door()
    app = an_app(door, [route(door, "/page", page), Route("/machine", machine)])
    for address in ("/page", "/machine"):
        answer = ask(app, "GET", address)
        assert answer.status == 503
        assert answer.headers["retry-after"] == "5"
        assert "We will be right back" in answer.text
        assert "Traceback" not in answer.text


def test_a_faulty_statement_is_no_absence(db: Database) -> None:
    with pytest.raises(Exception, match="no_such_table") as caught, db.read() as tx:
        tx.rows(text("SELECT 1 FROM no_such_table"))
    assert not is_unreachable(caught.value)


def test_nobody_at_the_address_is_an_absence(away: Database) -> None:
    with pytest.raises(OperationalError) as caught, away.begin():
        raise AssertionError("there is nothing to write")
    assert is_unreachable(caught.value)
