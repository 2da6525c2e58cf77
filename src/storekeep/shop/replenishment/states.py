"""The lifecycle of a suggestion, as data. At most one per variant and warehouse is open."""

from storekeep.kernel.machine import Label, Machine

SUGGESTION = Machine(
    name="replenishment_suggestion",
    initial="open",
    edges={
        "open": frozenset({"accepted", "edited", "dismissed", "superseded"}),
        "accepted": frozenset(),
        "edited": frozenset(),
        "dismissed": frozenset(),
        "superseded": frozenset(),
    },
    labels={
        "open": Label("To decide", "warn", "ring", "Nobody has ordered or dismissed it yet."),
        "accepted": Label("Ordered", "good", "tick", "Ordered as suggested."),
        "edited": Label("Ordered, changed", "good", "tick", "Ordered in another quantity than suggested."),
        "dismissed": Label("Dismissed", "idle", "dash", "Somebody decided not to order it."),
        "superseded": Label("Out of date", "idle", "dash", "A later run saw other numbers."),
    },
)
#: Units of these were ordered.
TAKEN = frozenset({"accepted", "edited"})
