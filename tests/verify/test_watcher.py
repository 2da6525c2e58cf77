"""A watcher tells a fault at the transaction that makes it, and is not misled by what never happened."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from stories import Stories

from storekeep.flows import receive
from storekeep.kernel.clock import VirtualClock
from storekeep.kernel.db import Database, Tx
from storekeep.shop.inventory import locations
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.reports import verify


class Watched(Database):
    """A database whose every write transaction is looked at before its commit."""

    watcher: verify.Watcher | None = None

    @contextmanager
    def begin(self, actor: str = "system") -> Iterator[Tx]:
        with super().begin(actor) as tx:
            yield tx
            if self.watcher is not None:
                assert self.watcher.check(tx) == ()


def test_it_sees_nothing_wrong_in_all_that_a_shop_lives_through(db: Database, tmp_path: Path) -> None:
    assert isinstance(db.clock, VirtualClock)
    watched = Watched(db.url, clock=db.clock, ids=db.ids, synchronous="OFF")
    stories = Stories(watched, db.clock, tmp_path)
    with watched.read() as tx:
        watched.watcher = verify.Watcher(tx)
    stories.tell()
    assert watched.watcher.checks > 100
    with watched.read() as tx:
        assert watched.watcher.check(tx, committed=True) == ()
        assert verify.run(tx).status == "ok"
    watched.close()


@pytest.fixture
def shop(storied_copy: Database) -> tuple[Database, verify.Watcher]:
    with storied_copy.read() as tx:
        return storied_copy, verify.Watcher(tx)


_count = iter(range(1_000_000))


def found_two(tx: Tx) -> None:
    """Two units more in a bin: a move, a cost, an entry, a balance."""
    variant = str(tx.sql("SELECT id FROM variant WHERE sku = 'TEA'")[0][0])
    bin_id = locations.by_code(tx, "B-01-1").id
    receive.adjust(tx, [Correction(variant, bin_id, 2, "found behind the shelf", f"found {next(_count)}")])


def changed(statement: str, *, first: str = "") -> Callable[[Tx], None]:
    """Two units found, and something changed beside (or `first`) that no flow changes."""

    def act(tx: Tx) -> None:
        if first:
            tx.sql(f"{first} RETURNING 1")
        found_two(tx)
        if statement:
            tx.sql(f"{statement} RETURNING 1")

    return act


_TEA = "variant_id = (SELECT id FROM variant WHERE sku = 'TEA')"
_HERE = f"{_TEA} AND location_id = (SELECT id FROM location WHERE code = 'B-01-1')"

def step(start: str, end: str) -> Callable[[Tx], None]:
    def act(tx: Tx) -> None:
        row = tx.sql("SELECT id FROM fulfillment WHERE status = 'open' ORDER BY id LIMIT 1")[0]
        tx.sql(
            "INSERT INTO status_change (id, machine, subject_id, from_status, to_status, changed_at, actor) "
            f"VALUES ('{tx.new_id()}', 'fulfillment', '{row.id}', '{start}', '{end}', 1, 'x') RETURNING 1"
        )

    return act


def lone_entry(*amounts: int) -> Callable[[Tx], None]:
    def act(tx: Tx) -> None:
        entry = tx.new_id()
        tx.sql(
            "INSERT INTO ledger_entry (id, kind, occurred_at, source_type, source_id, idempotency_key, note, actor) "
            f"VALUES ('{entry}', 'x', 1, 'x', '{entry}', '{entry}', '', 'x') RETURNING 1"
        )
        for n, amount in enumerate(amounts, start=1):
            tx.sql(
                "INSERT INTO posting (id, entry_id, n, account, currency, amount_minor, detail) "
                f"VALUES ('{tx.new_id()}', '{entry}', {n}, '{n}000', 'EUR', {amount}, '') RETURNING 1"
            )

    return act


def unqueued_mail(tx: Tx) -> None:
    name = tx.new_id()
    tx.sql(
        "INSERT INTO mail (id, key, template, to_address, subject, body_text, message_id, status, created_at) "
        f"VALUES ('{name}', '{name}', 'x', 'x', 'x', 'x', '{name}', 'queued', 1) RETURNING 1"
    )


def copied(table: str, where: str, **changes: str) -> Callable[[Tx], None]:
    """One more row of a table that only grows, like one that is there."""

    def act(tx: Tx) -> None:
        row = tx.sql(f"SELECT * FROM {table} WHERE {where} ORDER BY id LIMIT 1")[0]
        fresh = {name: tx.new_id() for name in ("id", *_UNIQUE[table])}
        values = {**row._mapping, **fresh, **changes}
        if "number" in values:
            values["number"] = row.number + 90_000
        names = ", ".join(values)
        tx.sql(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in values)}) RETURNING 1", values)

    return act


_UNIQUE = {"payment_event": ("provider_object_id",), "refund": ("idempotency_key", "provider_ref")}


def money_of_the_payment_alone(tx: Tx) -> None:
    """A capture of which only the payment knows."""
    copied("payment_event", "kind = 'captured'")(tx)
    row = tx.sql("SELECT payment_id, amount_minor FROM payment_event ORDER BY id DESC LIMIT 1")[0]
    values = {"amount": row.amount_minor, "id": row.payment_id}
    tx.sql("UPDATE payment SET captured_minor = captured_minor + :amount WHERE id = :id RETURNING 1", values)


def goods_before_the_money(tx: Tx) -> None:
    """A parcel leaves whose order has got dearer."""
    row = tx.sql("SELECT id, order_id FROM fulfillment WHERE status = 'packed' ORDER BY id LIMIT 1")[0]
    tx.sql("UPDATE sales_order SET owed_minor = owed_minor + 1 WHERE id = :id RETURNING 1", {"id": row.order_id})
    tx.sql("UPDATE fulfillment SET status = 'handed_over' WHERE id = :id RETURNING 1", {"id": row.id})
    tx.sql(
        "INSERT INTO status_change (id, machine, subject_id, from_status, to_status, changed_at, actor) "
        f"VALUES ('{tx.new_id()}', 'fulfillment', '{row.id}', 'packed', 'handed_over', 1, 'x') RETURNING 1"
    )


MISTAKES: dict[str, tuple[str, Callable[[Tx], None]]] = {
    "a balance that missed its move": ("G1", changed(f"UPDATE stock_balance SET qty = qty - 1 WHERE {_HERE}")),
    "a balance with an old number": ("G1", changed(f"UPDATE stock_balance SET last_seq = 1 WHERE {_HERE}")),
    "on hand that missed its move": (
        "G4", changed(f"UPDATE availability SET on_hand_sellable = on_hand_sellable - 1 WHERE {_TEA}")),
    "a reservation of nobody": ("G4", changed(f"UPDATE availability SET reserved = reserved + 1 WHERE {_TEA}")),
    "a pool that missed its value": ("G7", changed(f"UPDATE cost_pool SET value_minor = value_minor + 1 WHERE {_TEA}")),
    "a layer that missed its value": (
        "V2", changed(f"UPDATE cost_layer SET value_minor = value_minor + 1 WHERE is_open AND {_TEA}")),
    "a number that was skipped": ("K3", changed("", first="UPDATE warehouse SET last_seq = last_seq + 1")),
    "a balance that missed its posting": (
        "M12", changed("UPDATE ledger_balance SET amount_minor = amount_minor + 1 WHERE account = '1300'")),
    "an entry that does not balance": ("M1", lone_entry(5, -4)),
    "an entry of one posting": ("M1", lone_entry(5)),
    "an entry of none": ("M1", lone_entry()),
    "a balance that nobody moved": ("M12", lone_entry(5, -5)),
    "a step that is not allowed": ("K2", step("open", "handed_over")),
    "a step from nowhere": ("K2", step("packed", "handed_over")),
    "a history without its row": ("K2", step("open", "picking")),
    "a mail that was not queued": ("K4", unqueued_mail),
    "a capture of which the order does not know": ("M6", money_of_the_payment_alone),
    "a refund that does not count yet": ("M5", copied("refund", "status = 'succeeded'", status="requested")),
    "goods that left before their money": ("M11", goods_before_the_money),
}  # fmt: skip


class Undone(Exception):
    """The transaction is given up."""


@pytest.mark.parametrize("what", MISTAKES)
def test_it_tells_a_mistake_at_once_and_forgets_it_when_it_is_undone(
    shop: tuple[Database, verify.Watcher], what: str
) -> None:
    db, watcher = shop
    expected, mistake = MISTAKES[what]
    with pytest.raises(Undone), db.begin(actor="tester") as tx:
        mistake(tx)
        told = watcher.check(tx)
        assert expected in {result.id for result in told}, told
        assert all(result.status == "broken" and result.offenders and result.sentence for result in told)
        raise Undone
    with db.begin(actor="tester") as tx:
        found_two(tx)
        assert watcher.check(tx) == ()


def test_units_below_nothing_are_told_with_their_place_and_number(shop: tuple[Database, verify.Watcher]) -> None:
    db, watcher = shop
    with pytest.raises(Undone), db.begin(actor="tester") as tx:
        found_two(tx)
        move = tx.sql("SELECT * FROM stock_move ORDER BY seq DESC LIMIT 1")[0]
        values = {**move._mapping, "id": tx.new_id(), "seq": move.seq + 1, "qty": 900, "command_id": "taken away",
                  "from_location_id": move.to_location_id, "to_location_id": move.from_location_id}  # fmt: skip
        columns = ", ".join(values)
        tx.sql(f"INSERT INTO stock_move ({columns}) VALUES ({', '.join(f':{name}' for name in values)}) RETURNING 1",
               values)  # fmt: skip
        told = {result.id: result.offenders for result in watcher.check(tx)}
        assert told["G3"][0].subject == f"stock_balance {move.variant_id} {move.to_location_id} {move.seq + 1}"
        assert int(told["G3"][0].found) < 0
        raise Undone


def test_a_mistake_that_was_kept_is_told_once(shop: tuple[Database, verify.Watcher]) -> None:
    db, watcher = shop
    with db.begin(actor="tester") as tx:
        MISTAKES["a balance that missed its posting"][1](tx)
        assert [result.id for result in watcher.check(tx)] == ["M12"]
    for _ in range(2):
        with db.begin(actor="tester") as tx:
            found_two(tx)
            assert watcher.check(tx) == ()
    with db.read() as tx:
        assert watcher.check(tx, committed=True) == ()
    assert watcher.checks == 4
