"""Reads of customers: one, and those whose name or e-mail address begins with what was typed. SELECT only."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select

from storekeep.kernel.db import Tx
from storekeep.shop.customers.model import fold_name
from storekeep.shop.customers.tables import customer

_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """One page of customers by e-mail address; `next_after` is the last address, None on the last page."""

    rows: tuple[Row[Any], ...]
    next_after: str | None


def get(tx: Tx, customer_id: str) -> Row[Any] | None:
    """The customer's row."""
    return tx.first(select(customer).where(customer.c.id == customer_id))


def get_by_email(tx: Tx, email: str) -> Row[Any] | None:
    """The customer with this address, whatever its case."""
    return tx.first(select(customer).where(customer.c.email == email.strip().lower()))


def find(tx: Tx, text: str = "", *, after: str | None = None, limit: int = 50) -> CustomerPage:
    """Customers whose e-mail address, name, or a later word of the name begins with `text`, by address.

    Case and accents do not matter in names. An empty text lists everyone.
    """
    query = select(customer).order_by(customer.c.email).limit(limit + 1)
    email, name = text.strip().lower(), fold_name(text)
    if email:
        later_word = customer.c.name_folded.contains(f" {name}", autoescape=True)
        begins = [_begins(tx, customer.c.email, email), _begins(tx, customer.c.name_folded, name), later_word]
        query = query.where(or_(*(begins if name else begins[:1])))
    if after is not None:
        query = query.where(customer.c.email > after)
    rows = tx.rows(query)
    return CustomerPage(tuple(rows[:limit]), rows[limit - 1].email if len(rows) > limit else None)


def _begins(tx: Tx, column: Any, prefix: str) -> ColumnElement[bool]:
    """A prefix as a range of bytes, which both databases answer from an index."""
    if tx.dialect == "postgresql":
        return and_(column.op("~>=~", is_comparison=True)(prefix), column.op("~<~", is_comparison=True)(prefix + _LAST))
    return and_(column >= prefix, column < prefix + _LAST)
