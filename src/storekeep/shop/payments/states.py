"""Lifecycles of payment attempts and refunds. `unknown` is a status, not an error: it ends by asking the provider."""

from storekeep.kernel.machine import Label, Machine

_DONE: frozenset[str] = frozenset()

ATTEMPT = Machine(
    name="payment_attempt",
    initial="recorded",
    edges={
        "recorded": frozenset({"sent", "canceled", "failed"}),
        "sent": frozenset(
            {"requires_action", "processing", "authorized", "captured", "declined", "failed", "unknown", "canceled"}
        ),
        "unknown": frozenset(
            {"sent", "requires_action", "processing", "authorized", "captured", "declined", "failed", "canceled",
             "voided", "expired"}
        ),
        "requires_action": frozenset(
            {"processing", "authorized", "captured", "declined", "failed", "unknown", "canceled", "expired"}
        ),
        "processing": frozenset({"requires_action", "authorized", "captured", "declined", "failed", "canceled"}),
        "authorized": frozenset({"captured", "voided", "expired"}),
        "declined": frozenset({"requires_action", "authorized", "captured", "canceled", "expired"}),
        "captured": _DONE,
        "failed": _DONE,
        "voided": _DONE,
        "expired": frozenset({"authorized", "captured"}),
        "canceled": frozenset({"authorized", "captured"}),
    },
    labels={
        "recorded": Label("Starting", "idle", "ring", "The payment page is being opened."),
        "sent": Label("Opening", "info", "half", "We asked the provider and wait for its answer."),
        "unknown": Label("Checking with the bank", "warn", "question", "No answer came; we ask again by our own key."),
        "requires_action": Label("Waiting for the shopper", "info", "ring", "The payment page is open."),
        "processing": Label("Processing", "info", "half", "The bank is working on it."),
        "authorized": Label("Authorized", "good", "half", "The money is set aside until the parcel is packed."),
        "captured": Label("Captured", "good", "tick", "The money is ours."),
        "declined": Label("Declined", "bad", "octagon", "The shopper may try again from the order page."),
        "failed": Label("Failed", "bad", "triangle", "Nothing was charged."),
        "voided": Label("Voided", "idle", "dash", "The authorization was given back."),
        "expired": Label("Expired", "idle", "triangle", "The payment page or the authorization ran out."),
        "canceled": Label("Canceled", "idle", "octagon", "Given up before anything was charged."),
    },
)  # fmt: skip

REFUND = Machine(
    name="refund",
    initial="requested",
    edges={
        "requested": frozenset({"sent", "canceled"}),
        "sent": frozenset({"pending", "succeeded", "failed", "unknown"}),
        "unknown": frozenset({"sent", "pending", "succeeded", "failed"}),
        "pending": frozenset({"succeeded", "failed", "canceled"}),
        "succeeded": frozenset({"failed"}),
        "failed": frozenset({"requested"}),
        "canceled": _DONE,
    },
    labels={
        "requested": Label("Requested", "idle", "ring", "The worker will send it."),
        "sent": Label("Sent", "info", "half", "Waiting for the provider's answer."),
        "pending": Label("On its way", "info", "ring", "The bank is paying it out."),
        "succeeded": Label("Refunded", "good", "tick", "The money is on its way to the customer."),
        "failed": Label("Failed", "bad", "octagon", "The money came back; try again or pay another way."),
        "canceled": Label("Canceled", "idle", "dash", "It was not carried out."),
        "unknown": Label("Checking with the bank", "warn", "question", "No answer came; we ask by our own key."),
    },
)
