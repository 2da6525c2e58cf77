"""The lifecycle of a transfer, as data."""

from storekeep.kernel.machine import Label, Machine

_END: frozenset[str] = frozenset()

TRANSFER = Machine(
    name="transfer",
    initial="draft",
    edges={
        "draft": frozenset({"loading", "canceled"}),
        "loading": frozenset({"sent", "canceled"}),
        "sent": frozenset({"part_received", "received", "closed_with_loss"}),
        "part_received": frozenset({"received", "closed_with_loss"}),
        "received": _END,
        "closed_with_loss": _END,
        "canceled": _END,
    },
    labels={
        "draft": Label("Draft", "idle", "ring", "Written; nothing has left its shelf yet."),
        "loading": Label("Being loaded", "warn", "half", "Goods are taken from their shelves and loaded."),
        "sent": Label("On the way", "info", "half", "It has left, and nothing has arrived yet."),
        "part_received": Label("Partly here", "warn", "half", "Some of it has arrived."),
        "received": Label("All here", "good", "tick", "Every unit is accounted for, and none was lost."),
        "closed_with_loss": Label("Closed with loss", "bad", "triangle", "Some of it never came and was written off."),
        "canceled": Label("Canceled", "idle", "dash", "Called off; what was loaded is back at the sender's."),
    },
)

#: Lines may be written and goods loaded.
AT_SENDER = ("draft", "loading")
#: Goods may arrive.
ON_THE_WAY = ("sent", "part_received")
LIVE = (*AT_SENDER, *ON_THE_WAY)
