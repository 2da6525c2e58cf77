"""Where an order's payment stands, in the shopper's words, and what the page should do about it."""

from dataclasses import dataclass

from storekeep.shop.reports.storefront import OrderStory

OPENING = frozenset({"recorded", "sent"})
CHECKING = frozenset({"unknown", "processing"})


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A status as word, tone and icon, a sentence, and what the page does: offer to pay, or look again by itself."""

    label: str
    tone: str
    icon: str
    sentence: str
    may_pay: bool
    refresh_s: int = 0
    refresh_to: str = ""


def payment_view(story: OrderStory, came_back: str) -> PaymentView:
    """The state of a payment. `came_back` is `paid` or `back` when the browser just returned from the payment page."""
    status = story.attempts[-1].status if story.attempts else ""
    if status in OPENING:
        text = "We are opening the payment page. This takes a moment."
        return PaymentView("Opening the payment page", "info", "half", text, False, 3, "pay")
    if status in CHECKING or (came_back == "paid" and status == "requires_action"):
        text = "We are checking with your bank. You need not do anything; this page looks again by itself."
        return PaymentView("Checking with your bank", "warn", "question", text, False, 4, came_back)
    if status == "declined":
        text = "The bank declined the card. Nothing was charged. You can try again, with the same or another card."
        return PaymentView("Card declined", "bad", "octagon", text, True)
    if status in ("failed", "expired", "canceled", "voided"):
        text = "The payment did not come about. Nothing was charged. You can try again."
        return PaymentView("Not paid yet", "warn", "triangle", text, True)
    if came_back == "back":
        text = "You came back without paying. Your things are set aside; you can pay now or cancel the order."
        return PaymentView("Waiting for your payment", "warn", "ring", text, True)
    return PaymentView(
        "Waiting for your payment", "warn", "ring", "Your things are set aside until you have paid.", True
    )
