"""A watcher for a world that runs transaction by transaction: it looks at the rows of each as they come.

It remembers where every growing table ended and what the balances were. From then on it works out from the new rows
alone what each balance must be, so that a fault is told at the very transaction that made it. What it cannot see this
way (a row that was changed without leaving another one behind) is for `run(tx, since=...)`.
"""

# ruff: noqa: S608 - every query here is put together from constants of this package

from collections.abc import Iterator
from typing import Any

from storekeep.kernel.db import Tx
from storekeep.shop.reports.verify import kernel
from storekeep.shop.reports.verify.eyes import Eyes
from storekeep.shop.reports.verify.model import BROKEN, SHOWN, Offender, Result
from storekeep.shop.reports.verify.run import INVARIANTS
from storekeep.shop.reports.verify.watched_goods import Goods, Memory, Told

#: Tables that only grow, in the order in which they are looked at.
TABLES = (
    "stock_move", "reservation", "ledger_entry", "posting", "payment_event", "status_change", "payment_attempt",
    "refund", "label_purchase", "mail", "cost_adjustment",
)  # fmt: skip
_TABLE_OF = {machine.name: (machine, table) for machine, table in kernel.LIFECYCLES}
#: The key of the outbox row that every row of a table must have.
_QUEUED = {
    "payment_attempt": "'payment.open:' || CAST(t.id AS TEXT)",
    "refund": "'refund:' || CAST(t.id AS TEXT) || ':1'",
    "label_purchase": "'label.buy:' || CAST(t.id AS TEXT)",
    "mail": "'mail:' || CAST(t.id AS TEXT)",
}
_SENTENCES = {invariant.id: invariant.sentence for invariant in INVARIANTS}


class Watcher:
    """Checks what was written since it last looked: call `check(tx)` at the end of, or after, every transaction.

    Made on a sound shop, in `db.read()`, for a shop with one writer at a time. Each fault is told once. It lives with
    who observes, not with what is observed: nothing is to be rebuilt when a program dies. `checks` counts its looks.
    """

    def __init__(self, tx: Tx) -> None:
        eyes = Eyes(tx)
        self.checks = 0
        self._memory = Memory()
        self._goods = Goods(eyes, self._memory)
        balances = eyes.rows("SELECT account, currency, amount_minor FROM ledger_balance")
        self._accounts: dict[Any, Any] = {(account, currency): amount for account, currency, amount in balances}
        self._ends: dict[Any, Any] = dict(zip(TABLES, eyes.ends(TABLES), strict=True))
        self._is_settled = True

    def check(self, tx: Tx, *, committed: bool = False) -> tuple[Result, ...]:
        """The invariants that the new rows break, with the rows at fault; empty when all is well.

        In a write transaction, about to be committed: what was seen counts once it has committed, and is forgotten when
        it never does. With `committed`, for a `db.read()`: what was seen counts at once.
        """
        self.checks += 1
        if not self._is_settled:  # what was looked at last never happened
            self._memory.take_back()
            self._is_settled = True
        eyes = Eyes(tx)
        ends = dict(zip(TABLES, eyes.ends(TABLES), strict=True))
        since = {table: end for table, end in self._ends.items() if end != ends[table]}
        if not since:
            return ()
        told = list(self._look(eyes, since))
        for table in since:
            self._memory.put(self._ends, table, ends[table])
        if committed:
            self._memory.keep()
        else:
            self._is_settled = False
            tx.after_commit(self._settle)
        return _results(told) if told else ()

    def _settle(self) -> None:
        self._is_settled = True
        self._memory.keep()

    def _look(self, eyes: Eyes, since: dict[str, Any]) -> Iterator[Told]:
        goods = [since.get(table) for table in ("stock_move", "reservation", "cost_adjustment")]
        if goods != [None, None, None]:
            yield from self._goods.look(eyes, *goods)
        if "ledger_entry" in since or "posting" in since:
            yield from self._money(eyes, since.get("ledger_entry", self._ends["ledger_entry"]), since.get("posting"))
        if "payment_event" in since:
            yield from _payments(eyes, since["payment_event"])
            yield from _orders(eyes, since["payment_event"])
        if "refund" in since:
            yield from _asked_back(eyes, since["refund"])
        if "status_change" in since:
            yield from _statuses(eyes, since["status_change"])
            yield from _unpaid(eyes, since["status_change"])
        for table, key in _QUEUED.items():
            if table in since:
                yield from _unqueued(eyes, table, key, since[table])

    def _money(self, eyes: Eyes, entries: Any, postings: Any) -> Iterator[Told]:
        sums: dict[Any, int] = {}
        counts = {row[0]: 0 for row in eyes.rows("SELECT id FROM ledger_entry WHERE [new] ORDER BY [row]", entries)}
        asked = "SELECT entry_id, account, currency, amount_minor FROM posting WHERE [new] ORDER BY [row]"
        touched: dict[Any, None] = {}
        for entry, account, currency, amount in eyes.rows(asked, postings) if postings is not None else ():
            sums[entry, currency] = sums.get((entry, currency), 0) + amount
            counts[entry] = counts.get(entry, 0) + 1
            key = (account, currency)
            touched[key] = None
            self._memory.put(self._accounts, key, self._accounts.get(key, 0) + amount)
        for (entry, _), found in sums.items():
            if found:
                yield "M1", Offender(f"ledger_entry {entry}", "its postings do not sum to zero", "0", str(found))
        for entry, count in counts.items():
            if count < 2:
                text = "it has fewer than two postings"
                yield "M1", Offender(f"ledger_entry {entry}", text, "at least 2", str(count))
        if touched:
            yield from self._balances(eyes, touched)

    def _balances(self, eyes: Eyes, touched: dict[Any, None]) -> Iterator[Told]:
        stored = {(row[0], row[1]): row[2] for row in eyes.rows(
            "SELECT account, currency, amount_minor FROM ledger_balance ORDER BY account, currency")}  # fmt: skip
        for key in touched:
            expected, found = self._accounts[key], stored.get(key, 0)
            if expected != found:
                self._memory.put(self._accounts, key, found)
                subject = f"ledger_balance {key[0]} {key[1]}"
                yield "M12", Offender(subject, "it is not the sum of its postings", str(expected), str(found))


_PAYMENTS = """SELECT p.id, p.amount_minor, p.captured_minor, p.refunded_minor,
(SELECT COALESCE(SUM(e.amount_minor), 0) FROM payment_event e WHERE e.payment_id = p.id AND e.kind = 'captured'),
(SELECT COALESCE(SUM(CASE e.kind WHEN 'refunded' THEN e.amount_minor ELSE -e.amount_minor END), 0)
FROM payment_event e WHERE e.payment_id = p.id AND e.kind IN ('refunded', 'refund_failed'))
FROM payment p WHERE p.id IN (SELECT payment_id FROM payment_event WHERE [new]) ORDER BY p.id"""


def _payments(eyes: Eyes, since: Any) -> Iterator[Told]:
    for payment, asked, captured, refunded, took, gave in eyes.rows(_PAYMENTS, since):
        subject = f"payment {payment}"
        if (took, gave) != (captured, refunded):
            expected, found = f"captured {took}, refunded {gave}", f"captured {captured}, refunded {refunded}"
            yield "M5", Offender(subject, "its amounts are not those of its events and refunds", expected, found)
        if gave > took or gave < 0:
            yield "M5", Offender(subject, "more goes back than was taken", str(took), str(gave))
        if took > asked:
            yield "M16", Offender(subject, "more was taken than was asked for", str(asked), str(took))


_ORDERS = """SELECT o.id, o.number, o.received_minor, o.given_back_minor, SUM(p.captured_minor), SUM(p.refunded_minor)
FROM sales_order o JOIN payment p ON p.order_id = o.id WHERE o.id IN (SELECT q.order_id FROM payment_event e
JOIN payment q ON q.id = e.payment_id WHERE e.[new])
GROUP BY o.id, o.number, o.received_minor, o.given_back_minor ORDER BY o.number"""


def _orders(eyes: Eyes, since: Any) -> Iterator[Told]:
    """Money that became known is known of the order too, at the same moment."""
    for order, number, received, given_back, took, gave in eyes.rows(_ORDERS, since):
        if (received, given_back) != (took, gave):
            expected, found = f"received {took}, given back {gave}", f"received {received}, given back {given_back}"
            text = "its money is not that of its documents and postings"
            yield "M6", Offender(f"order {number} {order}", text, expected, found)


_ASKED_BACK = """SELECT p.id, p.captured_minor - p.refunded_minor, p.refund_pending_minor,
(SELECT COALESCE(SUM(r.amount_minor), 0) FROM refund r WHERE r.payment_id = p.id
AND r.status IN ('requested', 'sent', 'pending', 'unknown'))
FROM payment p WHERE p.id IN (SELECT payment_id FROM refund WHERE [new]) ORDER BY p.id"""


def _asked_back(eyes: Eyes, since: Any) -> Iterator[Told]:
    """A refund counts against its payment from the moment at which it is asked for."""
    for payment, left, pending, underway in eyes.rows(_ASKED_BACK, since):
        subject = f"payment {payment}"
        if pending != underway:
            text = "its amounts are not those of its events and refunds"
            yield "M5", Offender(subject, text, f"refund pending {underway}", f"refund pending {pending}")
        if underway > left:
            yield "M5", Offender(subject, "more goes back than was taken", str(left), str(underway))


_UNPAID = """SELECT o.id, o.number, o.owed_minor, o.received_minor - o.given_back_minor FROM sales_order o
JOIN fulfillment f ON f.order_id = o.id AND f.kind = 'sale' WHERE f.id IN (SELECT subject_id FROM status_change
WHERE [new] AND machine = 'fulfillment' AND to_status = 'handed_over')
AND o.tender = 'card' AND o.owed_minor > o.received_minor - o.given_back_minor ORDER BY o.number"""


def _unpaid(eyes: Eyes, since: Any) -> Iterator[Told]:
    """Goods that are paid for by card leave when the money is here, and not when it is about to be."""
    for order, number, owed, received in eyes.rows(_UNPAID, since):
        text = "goods paid by card left before any money was taken"
        yield "M11", Offender(f"order {number} {order}", text, str(owed), str(received))


_STEPS = """SELECT c.id, c.machine, c.subject_id, c.from_status, c.to_status,
(SELECT b.to_status FROM status_change b WHERE b.subject_id = c.subject_id AND b.id < c.id ORDER BY b.id DESC LIMIT 1)
FROM status_change c WHERE c.[new] ORDER BY c.[row]"""


def _statuses(eyes: Eyes, since: Any) -> Iterator[Told]:
    last: dict[str, dict[Any, str]] = {}
    for step, machine, subject, from_status, to_status, before in eyes.rows(_STEPS, since):
        name = f"status_change {step} {subject}"
        known = _TABLE_OF.get(machine)
        if known is None:
            yield "K2", Offender(name, "nobody knows this lifecycle", machine, to_status)
            continue
        lifecycle = known[0]
        legal = to_status in lifecycle.edges if from_status is None else lifecycle.allows(from_status, to_status)
        if not legal:
            expected = f"{machine} from {from_status or 'nothing'}"
            yield "K2", Offender(name, "this step is not allowed", expected, to_status)
        if from_status != before:
            text = "it does not start where the one before ended"
            yield "K2", Offender(name, text, before or "nothing", from_status or "nothing")
        last.setdefault(machine, {})[subject] = to_status
    for machine, ends in last.items():
        table = _TABLE_OF[machine][1]
        stored = dict(eyes.rows(f"SELECT id, status FROM {table} WHERE id IN [?] ORDER BY id", list(ends)))
        for subject, expected in ends.items():
            found = stored.get(subject, "no row")
            if found != expected:
                yield "K2", Offender(f"{table} {subject}", "its status is not the last of its history", expected, found)


def _unqueued(eyes: Eyes, table: str, key: str, since: Any) -> Iterator[Told]:
    asked = f"""SELECT t.id, {key} FROM {table} t LEFT JOIN outbox o ON o.key = {key}
    WHERE t.[new] AND o.id IS NULL ORDER BY t.id"""
    for row, expected in eyes.rows(asked, since):
        yield "K4", Offender(f"{table} {row}", "nothing was queued for it", expected, "no outbox row")


def _results(told: list[Told]) -> tuple[Result, ...]:
    found: dict[str, list[Offender]] = {}
    for name, offender in told:
        found.setdefault(name, []).append(offender)
    return tuple(
        Result(name, _SENTENCES[name], BROKEN, len(some), tuple(some[:SHOWN]), len(some))
        for name, some in sorted(found.items())
    )
