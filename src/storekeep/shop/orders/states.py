"""How the three derived statuses of an order are shown, and the groups that lists filter by."""

from storekeep.kernel.machine import Label

ORDER = {
    "pending_payment": Label("Waiting for payment", "warn", "ring", "The shopper has to finish paying."),
    "open": Label("Open", "info", "half", "Paid for; the warehouse has work to do."),
    "completed": Label("Completed", "good", "tick", "Everything was delivered to the carrier and settled."),
    "canceled": Label("Canceled", "idle", "dash", "Nothing will be sent."),
    "expired": Label("Expired", "idle", "triangle", "It was never paid; its stock was given back."),
}
PAYMENT = {
    "not_required": Label("Nothing to pay", "idle", "dash"),
    "unpaid": Label("Unpaid", "warn", "ring"),
    "authorized": Label("Authorized", "info", "half", "Set aside; taken when the parcel is packed."),
    "partially_paid": Label("Partly paid", "warn", "half"),
    "paid": Label("Paid", "good", "tick"),
    "overpaid": Label("Overpaid", "bad", "triangle", "We owe the customer money."),
    "partially_refunded": Label("Partly refunded", "good", "half"),
    "refunded": Label("Refunded", "idle", "tick"),
    "voided": Label("Voided", "idle", "dash", "Nothing was charged."),
}
FULFILLMENT = {
    "not_required": Label("Nothing to send", "idle", "dash"),
    "unfulfilled": Label("To send", "warn", "ring"),
    "partially_fulfilled": Label("Partly sent", "info", "half"),
    "fulfilled": Label("Sent", "good", "tick"),
    "partially_returned": Label("Partly returned", "info", "triangle"),
    "returned": Label("Returned", "idle", "triangle"),
}

LIVE = ("pending_payment", "open")
DONE = ("completed", "canceled", "expired")
