"""The lifecycles of a fulfillment and of a batch of them, as data."""

from storekeep.kernel.machine import Label, Machine

FULFILLMENT = Machine(
    name="fulfillment",
    initial="open",
    edges={
        "open": frozenset({"picking", "canceled"}),
        # Back to open: the picker gave the work back. What was picked stays picked.
        "picking": frozenset({"picked", "open", "canceled"}),
        # Back to picking: a pick was undone, or units turned out to be short.
        "picked": frozenset({"packed", "picking", "canceled"}),
        # Back to picking: the box is opened because a lot in it must not leave.
        "packed": frozenset({"handed_over", "picking", "canceled"}),
        "handed_over": frozenset(),
        "canceled": frozenset(),
    },
    labels={
        "open": Label("To pick", "warn", "ring", "Nobody has claimed it yet."),
        "picking": Label("Picking", "info", "half", "Somebody is walking the bins."),
        "picked": Label("To pack", "info", "half", "Everything is fetched and waits at the pack station."),
        "packed": Label("Packed", "info", "half", "The parcel is closed and waits for label, money and carrier."),
        "handed_over": Label("Handed over", "good", "tick", "The carrier has the parcel."),
        "canceled": Label("Canceled", "idle", "dash", "Nothing will be sent; picked goods went back."),
    },
)

OPEN = frozenset({"open", "picking", "picked", "packed"})
TO_PICK = frozenset({"open", "picking"})
DONE = frozenset({"handed_over", "canceled"})

PICK_BATCH = Machine(
    name="pick_batch",
    initial="planned",
    edges={
        "planned": frozenset({"released", "canceled"}),
        "released": frozenset({"in_progress", "canceled"}),
        "in_progress": frozenset({"done"}),
        "done": frozenset(),
        "canceled": frozenset(),
    },
    labels={
        "planned": Label("Planned", "warn", "ring", "Not on the floor yet; its orders wait for it."),
        "released": Label("To pick", "warn", "ring", "It has its bins and waits for a picker."),
        "in_progress": Label("Picking", "info", "half", "Somebody is walking it."),
        "done": Label("Done", "good", "tick", "Everything in it is picked or went back to the list."),
        "canceled": Label("Canceled", "idle", "dash", "Its orders went back to the list."),
    },
)

LIVE_BATCH = frozenset({"planned", "released", "in_progress"})
