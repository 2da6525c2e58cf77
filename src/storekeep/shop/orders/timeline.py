"""What happened to an order, in words: append-only, with the actor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from storekeep.kernel.db import Tx
from storekeep.kernel.jsontext import dump
from storekeep.shop.orders import tables


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of an order's timeline. `kind` is a typed past-tense word such as `order.placed`."""

    order_id: str
    kind: str
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)


def record(tx: Tx, happenings: Sequence[Happening]) -> None:
    """Append happenings under the transaction's actor and time."""
    tx.insert_many(
        tables.order_event,
        [
            {
                "id": tx.new_id(),
                "order_id": happening.order_id,
                "kind": happening.kind,
                "text": happening.text,
                "actor": tx.actor,
                "happened_at": tx.now,
                "data": dump(dict(happening.data)),
            }
            for happening in happenings
        ],
    )
