"""The lifecycles of a shipment and of a label purchase, as data.

A shipment is one parcel with one label. A label purchase is one attempt to buy that label; it is written down
before the carrier is called, so that a lost reply becomes `unknown` and is asked about, never bought twice.
"""

from storekeep.kernel.machine import Label, Machine

SHIPMENT = Machine(
    name="shipment",
    initial="draft",
    edges={
        "draft": frozenset({"label_pending", "canceled"}),
        "label_pending": frozenset({"labelled", "draft", "canceled"}),
        "labelled": frozenset({"handed_over", "canceled"}),
        "handed_over": frozenset({"delivered", "returned", "lost"}),
        # A carrier may take a delivery report back, or bring a delivered parcel back to the sender.
        "delivered": frozenset({"handed_over", "returned"}),
        # A parcel that was given up may still turn up at either end.
        "lost": frozenset({"delivered", "returned"}),
        "returned": frozenset(),
        "canceled": frozenset(),
    },
    labels={
        "draft": Label("Draft", "idle", "ring", "The parcel is known; no label has been asked for."),
        "label_pending": Label("Label on its way", "info", "half", "The label is being bought."),
        "labelled": Label("Labelled", "info", "half", "The label is bought; the parcel waits for the carrier."),
        "handed_over": Label("With the carrier", "info", "half", "The carrier has the parcel."),
        "delivered": Label("Delivered", "good", "tick", "The carrier reported the delivery."),
        "returned": Label("Returned", "warn", "triangle", "The parcel came back to the sender."),
        "lost": Label("Lost", "bad", "octagon", "The parcel was given up; the customer is owed a remedy."),
        "canceled": Label("Canceled", "idle", "dash", "Stopped before hand-over; the label is to be voided."),
    },
)

SHIPMENT_OPEN = frozenset({"draft", "label_pending", "labelled", "handed_over"})
SHIPMENT_DONE = frozenset({"delivered", "returned", "lost", "canceled"})
SHIPMENT_BEFORE_HAND_OVER = frozenset({"draft", "label_pending", "labelled"})

LABEL_PURCHASE = Machine(
    name="label_purchase",
    initial="pending",
    edges={
        "pending": frozenset({"sent"}),
        "sent": frozenset({"bought", "refused", "unknown"}),
        "unknown": frozenset({"bought", "refused", "abandoned"}),
        "bought": frozenset({"voided"}),
        "refused": frozenset(),
        "abandoned": frozenset(),
        "voided": frozenset(),
    },
    labels={
        "pending": Label("Waiting", "idle", "ring", "Written down; the carrier has not been called yet."),
        "sent": Label("Asked", "info", "half", "The carrier has been called; its answer is awaited."),
        "bought": Label("Bought", "good", "tick", "The carrier sold the label."),
        "refused": Label("Refused", "bad", "octagon", "The carrier refused; the reason is on the purchase."),
        "unknown": Label("Unknown", "warn", "question", "The answer was lost; the carrier is being asked."),
        "abandoned": Label("Given up", "warn", "triangle", "A supervisor gave it up with a reason."),
        "voided": Label("Voided", "idle", "dash", "The label was handed back unused."),
    },
)

# While a purchase is in one of these, a second one for the same parcel would risk paying twice.
LABEL_PURCHASE_OPEN = frozenset({"pending", "sent", "unknown"})
LABEL_PURCHASE_DONE = frozenset({"bought", "refused", "abandoned", "voided"})
