"""What can be done to an order now; what cannot says why."""

from dataclasses import dataclass
from typing import Any

from storekeep.doors.console.frame import Staff
from storekeep.shop.reports.console_office.order_page import OrderPage


@dataclass(frozen=True, slots=True)
class Act:
    """A button of the order page. `why_not` greys it and is shown beside it."""

    label: str
    url: str
    icon: str
    why_not: str = ""


def of(found: OrderPage, me: Staff) -> list[Act]:
    """The four remedies, in the order in which they are mostly wanted."""
    base = f"/console/orders/{found.order.number}/remedies"
    role = "" if me.may("orders.change") else "Your role does not include changing orders."
    money = "" if me.may("orders.refund") else "Your role does not include giving money back."
    return [
        Act("Cancel", f"{base}/cancel", "close", role or why_not_cancel(found)),
        Act("Refund", f"{base}/refund", "card", money or why_not_refund(found)),
        Act("Send again", f"{base}/reship", "box", role or why_not_reship(found)),
        Act("Start a return", f"{base}/return", "return", role or why_not_return(found)),
    ]


def why_not_cancel(found: OrderPage) -> str:
    """Why nothing can be canceled; empty when something can."""
    order = found.order
    if order.status in ("canceled", "expired"):
        return f"The order is {order.status} already."
    if not any(unsent(line) for line in found.lines):
        return "Everything was sent; it can only come back as a return."
    if any(work.status == "packed" and work.kind == "sale" for work in found.works):
        return "The parcel is packed; it can come back as a return once it has arrived."
    return ""


def why_not_refund(found: OrderPage) -> str:
    """Why no money can be given back; empty when some can."""
    order = found.order
    if order.received_minor == 0:
        if order.authorized_minor:
            return "Nothing was taken yet, the money is only set aside. Cancel instead."
        return "Nothing was paid."
    left = sum(each.captured_minor - each.refunded_minor - each.refund_pending_minor for each in found.payments)
    return "" if left > 0 else "Everything that was paid was given back or is on its way back."


def why_not_reship(found: OrderPage) -> str:
    """Why nothing can be sent again; empty when something can."""
    if not any(line.fulfilled for line in found.lines):
        return "Nothing was sent yet."
    if not any(resendable(line) for line in found.lines):
        return "Everything that was sent was refunded or sent again already."
    return ""


def why_not_return(found: OrderPage) -> str:
    """Why nothing can come back; empty when something can."""
    if not any(line.fulfilled for line in found.lines):
        return "Nothing was sent yet; cancel instead."
    return "" if any(returnable(line) for line in found.lines) else "Everything that was sent came back."


def unsent(line: Any) -> int:
    """Units that were neither sent nor canceled."""
    return int(line.ordered - line.canceled - line.fulfilled)


def refundable(line: Any) -> int:
    """Units whose money was not given back: sent ones, and ones that would be canceled."""
    return int(line.ordered - line.canceled - line.refunded - line.replaced)


def resendable(line: Any) -> int:
    """Units that were sent and not made good yet."""
    return int(line.fulfilled - line.refunded - line.replaced)


def returnable(line: Any) -> int:
    """Units that the customer has."""
    return int(line.fulfilled + line.replaced - line.returned)
