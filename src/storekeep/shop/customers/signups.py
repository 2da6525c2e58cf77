"""Who wants to be told once when something can be bought again. An address counts when its owner has confirmed it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, update

from storekeep.kernel import prepared
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import NotFound
from storekeep.shop.customers.model import clean_email
from storekeep.shop.customers.tables import stock_signup

LIVE = ("asked", "confirmed")
_S = stock_signup.c


def ask(tx: Tx, variant_id: str, email: str) -> Row[Any]:
    """The live sign-up of this address for this variant, made when there is none. Raises `Invalid` at `email`."""
    address = clean_email(email)
    mine = select(stock_signup).where(_S.variant_id == variant_id, _S.email == address, _S.status.in_(LIVE))
    found = tx.first(mine)
    if found is None:
        row = {"id": tx.new_id(), "variant_id": variant_id, "email": address, "status": "asked", "asked_at": tx.now,
               "confirmed_at": None, "told_at": None, "ended_at": None}  # fmt: skip
        tx.insert_many(stock_signup, [row])
        found = tx.first(mine)
    if found is None:
        raise AssertionError("a sign-up that was just written is gone")
    return found


def load(tx: Tx, signup_id: str, *, lock: bool = False) -> Row[Any]:
    """One sign-up; `NotFound` when there is none."""
    query = select(stock_signup).where(_S.id == signup_id)
    found = tx.first(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound("There is no such wish.")
    return found


def confirm(tx: Tx, signup_id: str) -> str:
    """The owner of the address says yes; returns the status after. One that was told or ended stays as it is."""
    if load(tx, signup_id, lock=True).status == "asked":
        tx.run(update(stock_signup).where(_S.id == signup_id).values(status="confirmed", confirmed_at=tx.now))
    return str(load(tx, signup_id).status)


def end(tx: Tx, signup_id: str) -> str:
    """No mail any more; returns the status after. One that was told has had its mail and stays as it is."""
    if load(tx, signup_id, lock=True).status in LIVE:
        tx.run(update(stock_signup).where(_S.id == signup_id).values(status="ended", ended_at=tx.now))
    return str(load(tx, signup_id).status)


def mark_told(tx: Tx, signup_ids: Sequence[str]) -> None:
    """These have been written to; it was their one mail."""
    change = prepared.change_all(stock_signup, "status", "told_at")
    tx.run(change, {"wanted": list(signup_ids), "to_status": "told", "to_told_at": tx.now})
