"""The only writer of the money ledger: balanced entries, posted once each, with the balances beside them.

Every cent moves from an account to an account. An entry's postings sum to zero per currency; nothing is ever edited,
and a correction is a new entry.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select, update

from storekeep.kernel.bulk import among, listed
from storekeep.kernel.db import Tx
from storekeep.shop.payments import tables
from storekeep.shop.payments.accounts import NAMES

_ENTRY, _BALANCE = tables.ledger_entry.c, tables.ledger_balance.c
_KNOWN = select(_ENTRY.idempotency_key).where(among(_ENTRY.idempotency_key, listed("keys")))
_BALANCES = select(tables.ledger_balance).where(among(_BALANCE.account, listed("accounts")))
_MOVE_BALANCE = (
    update(tables.ledger_balance)
    .where(_BALANCE.account == bindparam("of_account"), _BALANCE.currency == bindparam("in_currency"))
    .values(amount_minor=_BALANCE.amount_minor + bindparam("by_amount"))
)


@dataclass(frozen=True, slots=True)
class PostingDraft:
    """One side of an entry, in minor units: a debit is positive, a credit negative."""

    account: str
    amount_minor: int
    order_id: str | None = None
    payment_id: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry to post. `key` makes it unique for ever: posting it twice posts it once."""

    kind: str
    source_type: str
    source_id: str
    key: str
    currency: str
    postings: tuple[PostingDraft, ...]
    note: str = ""
    occurred_at: int | None = None


class Unbalanced(AssertionError):
    """An entry's debits and credits differ: a fault of ours, never of a user."""


def draft(
    kind: str, source: tuple[str, str], key: str, currency: str, postings: Iterable[PostingDraft], note: str = ""
) -> EntryDraft | None:
    """An entry from postings, with empty sides left out; `None` when nothing is left to post."""
    kept = tuple(posting for posting in postings if posting.amount_minor)
    return EntryDraft(kind, source[0], source[1], key, currency, kept, note) if kept else None


def post(tx: Tx, drafts: Sequence[EntryDraft | None]) -> None:
    """Post entries whose keys are new, and move the balances; drafts that are `None` are skipped.

    Raises `Unbalanced` when an entry does not sum to zero.
    """
    wanted = {entry.key: entry for entry in drafts if entry is not None}
    for entry in wanted.values():
        if sum(posting.amount_minor for posting in entry.postings) or len(entry.postings) < 2:
            raise Unbalanced(f"{entry.kind} {entry.key}: {entry.postings}")
        if unknown := {posting.account for posting in entry.postings} - NAMES.keys():
            raise Unbalanced(f"{entry.kind} {entry.key} names accounts that do not exist: {sorted(unknown)}")
    if not wanted:
        return
    known = {row[0] for row in tx.rows(_KNOWN, {"keys": wanted})}
    fresh = [entry for key, entry in wanted.items() if key not in known]
    if fresh:
        _write(tx, fresh)


def _write(tx: Tx, entries: Sequence[EntryDraft]) -> None:
    heads, sides = [], []
    moved: dict[tuple[str, str], int] = defaultdict(int)
    for entry in entries:
        entry_id = tx.new_id()
        heads.append(
            {
                "id": entry_id,
                "kind": entry.kind,
                "occurred_at": tx.now if entry.occurred_at is None else entry.occurred_at,
                "source_type": entry.source_type,
                "source_id": entry.source_id,
                "idempotency_key": entry.key,
                "reversal_of": None,
                "note": entry.note,
                "actor": tx.actor,
            }
        )
        for n, posting in enumerate(entry.postings, 1):
            moved[posting.account, entry.currency] += posting.amount_minor
            sides.append(
                {
                    "id": tx.new_id(),
                    "entry_id": entry_id,
                    "n": n,
                    "account": posting.account,
                    "currency": entry.currency,
                    "amount_minor": posting.amount_minor,
                    "order_id": posting.order_id,
                    "payment_id": posting.payment_id,
                    "detail": posting.detail,
                }
            )
    _move_balances(tx, {key: amount for key, amount in moved.items() if amount})
    tx.insert_many(tables.ledger_entry, heads)
    tx.insert_many(tables.posting, sides)


def _move_balances(tx: Tx, moved: dict[tuple[str, str], int]) -> None:
    if not moved:
        return
    ordered = sorted(moved)
    _make_missing(tx, ordered)
    tx.conn.execute(
        _MOVE_BALANCE, [{"of_account": key[0], "in_currency": key[1], "by_amount": moved[key]} for key in ordered]
    )


def _make_missing(tx: Tx, keys: Sequence[tuple[str, str]]) -> None:
    if tx.dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    rows = [{"account": account, "currency": currency, "amount_minor": 0} for account, currency in keys]
    table = tables.ledger_balance
    known = {(row.account, row.currency) for row in tx.rows(_BALANCES, {"accounts": {key[0] for key in keys}})}
    missing = [row for row in rows if (row["account"], row["currency"]) not in known]
    if missing:
        tx.conn.execute(insert(table).on_conflict_do_nothing(), missing)


def order_balances(tx: Tx, order_ids: Sequence[str], account: str) -> dict[str, int]:
    """What each of these orders holds on one account, from its postings (debit positive)."""
    if not order_ids:
        return {}
    p = tables.posting.c
    query = select(p.order_id, func.sum(p.amount_minor).label("amount"))
    found = tx.rows(query.where(among(p.order_id, order_ids), p.account == account).group_by(p.order_id))
    return dict.fromkeys(order_ids, 0) | {row.order_id: int(row.amount) for row in found}


def order_balance(tx: Tx, order_id: str, accounts: Sequence[str]) -> dict[str, int]:
    """What an order holds on each of `accounts`, from its postings (debit positive)."""
    table = tables.posting
    query = (
        select(table.c.account, func.sum(table.c.amount_minor).label("amount"))
        .where(table.c.order_id == order_id, table.c.account.in_(accounts))
        .group_by(table.c.account)
    )
    found = {row.account: int(row.amount) for row in tx.rows(query)}
    return {account: found.get(account, 0) for account in accounts}
