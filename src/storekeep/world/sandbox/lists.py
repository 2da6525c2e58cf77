"""Cursor lists: newest first, `limit` 1 to 100, `starting_after` and `ending_before` an object id, `created` bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from .book import Tx
from .objects import render
from .wire import bad

_BOUNDS: Final = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of one kind of object; `filters` maps a parameter to its column."""

    table: str
    url: str
    filters: tuple[tuple[str, str], ...] = ()


LISTS: Final[dict[str, Listing]] = {
    "sessions": Listing("session", "/v1/checkout/sessions", (("payment_intent", "intent_id"), ("status", "status"))),
    "intents": Listing("intent", "/v1/payment_intents"),
    "charges": Listing("charge", "/v1/charges", (("payment_intent", "intent_id"),)),
    "refunds": Listing("refund", "/v1/refunds", (("payment_intent", "intent_id"), ("charge", "charge_id"))),
    "events": Listing("event", "/v1/events", (("type", "type"),)),
    "endpoints": Listing("endpoint", "/v1/webhook_endpoints"),
}


def list_page(tx: Tx, listing: Listing, given: dict[str, Any]) -> dict[str, Any]:
    """One page with `has_more`. Column names come from `LISTS` alone; values are always bound."""
    limit = given.get("limit", 10)
    if not 1 <= limit <= 100:
        raise bad("limit must lie between 1 and 100.", "parameter_invalid_integer", "limit")
    if "starting_after" in given and "ending_before" in given:
        raise bad("Give only one of starting_after and ending_before.", "parameter_invalid", "ending_before")
    where, args = ["1 = 1"], []
    for name, column in listing.filters:
        if name in given:
            where.append(f"{column} = ?")
            args.append(given[name])
    for bound, value in given.get("created", {}).items():
        where.append(f"created {_BOUNDS[bound]} ?")
        args.append(value)
    forward = "ending_before" not in given
    for name, sign in (("starting_after", "<"), ("ending_before", ">")):
        if name in given:
            where.append(f"seq {sign} ?")
            args.append(tx.get(given[name], listing.table, name)["seq"])
    order = "DESC" if forward else "ASC"
    rows = tx.all(
        f"SELECT id FROM {listing.table} WHERE {' AND '.join(where)} ORDER BY seq {order} LIMIT ?",  # noqa: S608
        *args, limit + 1,
    )  # fmt: skip
    page = rows[:limit] if forward else rows[:limit][::-1]
    return {
        "object": "list",
        "url": listing.url,
        "has_more": len(rows) > limit,
        "data": [render(tx, row["id"]) for row in page],
    }
