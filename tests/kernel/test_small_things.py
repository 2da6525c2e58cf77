"""Ids, links, clocks and lifecycles."""

import pytest
from sqlalchemy import select

from storekeep.kernel import lifecycle, links, tables
from storekeep.kernel.clock import DAY, VirtualClock, day_of, start_of_day, to_datetime, to_instant
from storekeep.kernel.db import Database
from storekeep.kernel.errors import IllegalMove, NotFound
from storekeep.kernel.ids import RandomIds, SeededIds
from storekeep.kernel.links import LinkCheck
from storekeep.shop.payments import attempts
from storekeep.shop.payments.attempts import NewPayment
from storekeep.shop.payments.states import ATTEMPT, REFUND
from storekeep.shop.payments.tables import payment_attempt


def test_ids_sort_in_the_order_in_which_they_were_made() -> None:
    ids = RandomIds(VirtualClock(10**15))
    made = [ids.new() for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == 10_000
    assert {one[14] for one in made} == {"7"}
    assert {one[19] for one in made} <= set("89ab")


def test_the_same_seed_gives_the_same_ids() -> None:
    one, two = (SeededIds(VirtualClock(10**15), seed=4) for _ in range(2))
    assert [one.new() for _ in range(50)] == [two.new() for _ in range(50)]
    assert one.secret() == two.secret()


def test_a_link_is_good_for_its_purpose_its_subject_and_its_time_only() -> None:
    token = links.sign("secret", "order", "42", 10 * DAY)
    assert links.check("secret", "order", "42", token, 9 * DAY) is LinkCheck.GOOD
    assert links.check("secret", "order", "42", token, 10 * DAY) is LinkCheck.EXPIRED
    assert links.check("secret", "order", "43", token, 9 * DAY) is LinkCheck.FORGED
    assert links.check("secret", "conversation", "42", token, 9 * DAY) is LinkCheck.FORGED
    assert links.check("other", "order", "42", token, 9 * DAY) is LinkCheck.FORGED
    for wrong in ("", ".", "zz.zz", token[:-1], "ffffffffff" + token, token.replace(".", "")):
        assert links.check("secret", "order", "42", wrong, 9 * DAY) is LinkCheck.FORGED


def test_instants_and_local_days() -> None:
    at = start_of_day("2026-03-29", "Europe/Berlin")
    assert to_datetime(at).isoformat() == "2026-03-28T23:00:00+00:00"
    assert day_of(at, "Europe/Berlin") == "2026-03-29"
    assert start_of_day("2026-03-30", "Europe/Berlin") - at == DAY * 23 // 24
    assert to_instant(to_datetime(at)) == at
    with pytest.raises(ValueError, match="zone"):
        to_instant(to_datetime(at).replace(tzinfo=None))


def one_attempt(db: Database) -> str:
    with db.begin(actor="shopper") as tx:
        return attempts.open_many(tx, [NewPayment(tx.new_id(), 100, "EUR", "card", "x")])[0].attempt_id


def test_a_status_moves_only_along_its_edges_and_leaves_a_history(db: Database) -> None:
    attempt = one_attempt(db)
    with db.begin(actor="provider") as tx:
        lifecycle.advance(tx, ATTEMPT, payment_attempt, [attempt], "sent")
    with pytest.raises(IllegalMove, match="sent"), db.begin() as tx:
        lifecycle.advance(tx, ATTEMPT, payment_attempt, [attempt], "voided")
    with pytest.raises(IllegalMove), db.begin() as tx:
        lifecycle.advance(tx, ATTEMPT, payment_attempt, [attempt], "unknown", expect=["recorded"])
    with pytest.raises(NotFound), db.begin() as tx:
        lifecycle.advance(tx, ATTEMPT, payment_attempt, [tx.new_id()], "sent")
    with db.read() as tx:
        rows = tx.rows(select(tables.status_change).order_by(tables.status_change.c.id))
        assert [(row.from_status, row.to_status, row.actor) for row in rows] == [
            (None, "recorded", "shopper"),
            ("recorded", "sent", "provider"),
        ]


@pytest.mark.parametrize("machine", [ATTEMPT, REFUND])
def test_every_status_of_a_lifecycle_has_a_label_of_its_own(machine: lifecycle.Machine) -> None:
    assert set(machine.labels) == set(machine.edges)
    reachable = {machine.initial} | {to for nexts in machine.edges.values() for to in nexts}
    assert reachable == set(machine.edges)
    looks = [(label.icon, label.tone, label.text) for label in machine.labels.values()]
    assert len(set(looks)) == len(looks)
