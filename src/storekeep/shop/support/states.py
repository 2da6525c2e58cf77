"""The lifecycle of a conversation, as data."""

from storekeep.kernel.machine import Label, Machine

CONVERSATION = Machine(
    name="conversation",
    initial="open",
    edges={
        "open": frozenset({"waiting_customer", "resolved"}),
        "waiting_customer": frozenset({"open", "resolved"}),
        # Whoever writes again opens it again.
        "resolved": frozenset({"open"}),
    },
    labels={
        "open": Label("Open", "warn", "ring", "It waits for us."),
        "waiting_customer": Label("Waiting for the customer", "info", "half", "We answered; the customer is next."),
        "resolved": Label("Resolved", "good", "tick", "Done; a reply opens it again."),
    },
)

OPEN = frozenset({"open", "waiting_customer"})
DONE = frozenset({"resolved"})
