"""Customers: one row per address, found by the beginning of name or address."""

import pytest

from storekeep.kernel.db import Database
from storekeep.kernel.errors import Invalid, NotFound
from storekeep.shop import customers
from storekeep.shop.customers import CustomerDraft


def test_one_person_is_one_row_however_the_address_is_typed(db: Database) -> None:
    with db.begin() as tx:
        ids = customers.upsert(
            tx,
            [
                CustomerDraft("Ada@Example.com", "Ada"),
                CustomerDraft("bo@example.com"),
                CustomerDraft(" ada@example.com "),
            ],
        )
        assert ids[0] == ids[2] != ids[1]
    with db.begin() as tx:
        assert (
            customers.upsert(tx, [CustomerDraft("ADA@example.com", "", "+43 1"), CustomerDraft("new@example.com")])[0]
            == ids[0]
        )
    with db.read() as tx:
        row = customers.get(tx, ids[0])
        assert row is not None
        assert (row.email, row.name, row.phone) == ("ada@example.com", "Ada", "+43 1")
        assert len(customers.find(tx).rows) == 3


@pytest.mark.parametrize(
    "email",
    [
        "",
        "  ",
        "ada",
        "ada@",
        "@example.com",
        "a b@example.com",
        "ada@example",
        "ada@exa_mple.com",
        "ada@-a.com",
        "ada..b@example.com",
        "ada@example.com\r\nBcc: x@example.com",
        "a" * 65 + "@example.com",
        "a@" + "b." * 130 + "com",
        "ä@x.at",
    ],
)
def test_what_is_no_address_is_refused_and_nothing_is_written(db: Database, email: str) -> None:
    with pytest.raises(Invalid) as caught, db.begin() as tx:
        customers.upsert(tx, [CustomerDraft("fine@example.com"), CustomerDraft(email)])
    assert caught.value.problems[0].path == "1.email"
    with db.read() as tx:
        assert customers.find(tx).rows == ()


def test_people_are_found_by_the_beginning_of_address_name_or_surname(db: Database) -> None:
    with db.begin() as tx:
        customers.upsert(
            tx,
            [
                CustomerDraft("zoe@example.com", "Zoë Ångström"),
                CustomerDraft("bo@example.com", "Bo Zander"),
                CustomerDraft("mangs@example.com", "Mix_100%"),
            ],
        )

    def found(text: str) -> list[str]:
        with db.read() as tx:
            return [row.email.split("@")[0] for row in customers.find(tx, text).rows]

    assert found("zo") == ["zoe"]
    assert found("ANGS") == ["zoe"]
    assert found("z") == ["bo", "zoe"]
    assert found("Bo z") == ["bo"]
    assert found("%") == found("_") == found("'") == []
    with db.read() as tx:
        first = customers.find(tx, limit=2)
        assert [row.email for row in customers.find(tx, after=first.next_after).rows] == ["zoe@example.com"]


def test_a_change_is_checked_and_findable(db: Database) -> None:
    with db.begin() as tx:
        one = customers.upsert(tx, [CustomerDraft("a@example.com")])[0]
        customers.change(tx, one, name=" Éva\n Kiss ", note="likes blue")
        assert customers.find(tx, "eva k").rows[0].name == "Éva Kiss"
        with pytest.raises(Invalid):
            customers.change(tx, one, name="x" * 201)
        with pytest.raises(NotFound):
            customers.change(tx, tx.new_id(), name="x")
