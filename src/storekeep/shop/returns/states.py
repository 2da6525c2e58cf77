"""The lifecycle of a return, as data."""

from storekeep.kernel.machine import Label, Machine

_END: frozenset[str] = frozenset()

RETURN = Machine(
    name="goods_return",
    initial="approved",
    edges={
        "approved": frozenset({"received", "canceled"}),
        "received": frozenset({"closed"}),
        "closed": _END,
        "canceled": _END,
    },
    labels={
        "approved": Label("On its way", "info", "ring", "We wait for the parcel."),
        "received": Label("To inspect", "warn", "half", "Goods are in quarantine until somebody has looked at them."),
        "closed": Label("Closed", "good", "tick", "Every unit that came has its place."),
        "canceled": Label("Canceled", "idle", "dash", "Nothing came back."),
    },
)

OPEN = frozenset({"approved", "received"})
DONE = frozenset({"closed", "canceled"})

#: What can become of a unit that came back, as the page says it.
OUTCOMES = {
    "restock": "Good again: back into a bin",
    "quarantine": "Set aside: stays in quarantine",
    "scrap": "Thrown away",
}
