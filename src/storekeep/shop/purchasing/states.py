"""The lifecycles of purchase orders, receipts and suppliers' invoices, as data."""

from storekeep.kernel.machine import Label, Machine

_END: frozenset[str] = frozenset()

PURCHASE_ORDER = Machine(
    name="purchase_order",
    initial="draft",
    edges={
        "draft": frozenset({"approved", "canceled"}),
        "approved": frozenset({"sent", "canceled"}),
        # Goods may come before anybody confirmed them.
        "sent": frozenset({"confirmed", "part_received", "received", "canceled"}),
        "confirmed": frozenset({"part_received", "received", "canceled"}),
        "part_received": frozenset({"received", "closed"}),
        "received": frozenset({"closed"}),
        "closed": _END,
        "canceled": _END,
    },
    labels={
        "draft": Label("Draft", "idle", "ring", "Written, and nobody has agreed to it yet."),
        "approved": Label("Approved", "info", "ring", "Agreed to; the supplier does not know of it yet."),
        "sent": Label("Sent", "info", "half", "With the supplier, who has not answered yet."),
        "confirmed": Label("Confirmed", "info", "half", "The supplier has said what comes when."),
        "part_received": Label("Partly here", "warn", "half", "Some of it came; the rest is still expected."),
        "received": Label("All here", "good", "tick", "Everything came; the invoice may still be open."),
        "closed": Label("Closed", "good", "tick", "Nothing more is expected, in goods or in money."),
        "canceled": Label("Canceled", "idle", "dash", "Called off before anything came."),
    },
)

#: The supplier may still deliver on it.
OPEN = frozenset({"sent", "confirmed", "part_received"})
#: Its open units count as on order.
COUNTED = OPEN | {"draft", "approved"}
#: It may be changed.
AMENDABLE = frozenset({"draft", "approved", "sent", "confirmed"})
CANCELABLE = AMENDABLE

RECEIPT = Machine(
    name="receipt",
    initial="open",
    edges={
        "open": frozenset({"counted", "void"}),
        "counted": frozenset({"posted", "void"}),
        "posted": _END,
        "void": _END,
    },
    labels={
        "open": Label("Counting", "warn", "half", "Somebody counts what came."),
        "counted": Label("To decide", "warn", "triangle", "Counted; what differs waits for a decision."),
        "posted": Label("Booked in", "good", "tick", "The goods are in the books."),
        "void": Label("Void", "idle", "dash", "Thrown away before anything was booked."),
    },
)

INVOICE = Machine(
    name="supplier_invoice",
    initial="open",
    edges={"open": frozenset({"matched", "void"}), "matched": _END, "void": _END},
    labels={
        "open": Label("To match", "warn", "half", "Not compared with order and goods yet, or they differ."),
        "matched": Label("Matched", "good", "tick", "Agrees with what was ordered and came; it may be paid."),
        "void": Label("Void", "idle", "dash", "Sent back to the supplier; nothing was booked."),
    },
)

#: What becomes of counted goods, as the page says it.
DISPOSITIONS = {
    "accept": "Accept: ours, to be put away",
    "hold": "Hold: ours, in quarantine until somebody decides",
    "return": "Send back: in quarantine until it leaves",
    "refuse": "Refuse: goes back with the driver, never ours",
}
#: Those whose goods come into the house.
BOOKED = frozenset({"accept", "hold", "return"})
CONDITIONS = {"good": "Good", "damaged": "Damaged"}
#: How counted goods compare with the order.
FINDINGS = {
    "expected": "As ordered",
    "over": "More than ordered",
    "damaged": "Damaged",
    "wrong": "Not on this order",
    "unplanned": "Without an order",
    "unknown": "Not in the catalogue",
}
