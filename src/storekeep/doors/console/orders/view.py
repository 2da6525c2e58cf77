"""What the order page shows, made of rows: the money box, parcels with their papers and scans, the timeline."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storekeep.doors.console.frame import StatusView, shown
from storekeep.kernel.machine import Label
from storekeep.shop.reports.console_office.order_page import OrderPage
from storekeep.shop.shipping.states import SHIPMENT

REMEDIES = {"refund": "Refund", "reship": "Sent again", "return": "Return agreed", "cancel": "Cancellation"}
REMEDY_STATUSES = {
    "executing": Label("Under way", "info", "half"),
    "done": Label("Done", "good", "tick"),
    "failed": Label("Failed", "bad", "octagon", "Look at the payment, or choose another remedy."),
}
_ACTORS = {
    "shopper": "the customer",
    "provider": "the payment provider",
    "worker": "the shop",
    "system": "the shop",
    "owner": "the owner",
}
#: The beginning of a happening's kind -> (tone, icon); the first that fits.
_LOOKS = (
    ("payment.refund_failed", "bad", "triangle"),
    ("payment.failed", "bad", "octagon"),
    ("payment.capture_failed", "bad", "octagon"),
    ("payment.late", "warn", "triangle"),
    ("payment.", "good", "card"),
    ("order.placed", "plain", "cart"),
    ("order.canceled", "plain", "dash"),
    ("order.expired", "warn", "triangle"),
    ("order.", "info", "tick"),
    ("shipment.", "info", "truck"),
    ("parcel.", "info", "truck"),
    ("problem.", "warn", "mail"),
    ("customer.", "info", "mail"),
    ("conversation.", "info", "mail"),
    ("remedy.", "info", "return"),
    ("return.", "info", "return"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline."""

    what: str
    at: int
    who: str
    icon: str
    tone: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """One line of the money box and the rows it is made of; a total stands under a rule."""

    label: str
    minor: int
    url: str
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel with its status, papers and scans."""

    row: Any
    status: StatusView
    papers: tuple[Any, ...]
    scans: tuple[Any, ...]


def people(actor: str, names: Mapping[str, str]) -> str:
    """An actor as a person reads it."""
    if actor.startswith("carrier:"):
        return f"the carrier {actor.removeprefix('carrier:')}"
    return names.get(actor) or _ACTORS.get(actor, "a colleague" if actor.startswith("staff:") else actor)


def address_lines(order: Any) -> list[str]:
    """Where the goods go, line by line, as it was typed."""
    to = json.loads(order.ship_to)
    town = " ".join(part for part in (to.get("postcode", ""), to.get("city", "")) if part)
    lines = [to.get("name", "") or order.name, to.get("company", ""), to.get("line1", ""), to.get("line2", ""), town]
    return [line for line in (*lines, order.country) if line]


def money_box(found: OrderPage) -> list[Sum]:
    """From the goods to what is still open, each line the difference of the ones above it."""
    order = found.order
    here = f"/console/orders/{order.number}/ledger"
    rows = [Sum("Goods", order.goods_minor, f"{here}#parts")]
    if order.discount_minor:
        label = f"Discount {order.discount_code}" if order.discount_code else "Discount"
        rows.append(Sum(label, -order.discount_minor, f"{here}#parts"))
    rows.append(Sum("Delivery", order.shipping_minor, f"{here}#parts"))
    if not order.prices_include_tax:
        rows.append(Sum("Tax", order.tax_minor, f"{here}#parts"))
    rows.append(Sum("Total", order.total_minor, f"{here}#parts", is_total=True))
    taken_off = sum(each.gross_minor for each in found.adjustments)
    if taken_off:
        rows.append(Sum("Taken off since", -taken_off, f"{here}#adjustments"))
        rows.append(Sum("Owed", order.owed_minor, f"{here}#adjustments", is_total=True))
    rows.append(Sum("Received", -order.received_minor, f"{here}#account-1200"))
    if order.given_back_minor:
        rows.append(Sum("Given back", order.given_back_minor, f"{here}#account-1200"))
    left = order.owed_minor - order.received_minor + order.given_back_minor
    rows.append(Sum("We owe" if left < 0 else "Still open", abs(left), here, is_total=True))
    return rows


#: What the goods of an order brought, and what they cost: label -> accounts.
_MARGIN = {
    "Sold, without tax": ("4000", "4010", "4100", "4200"),
    "Cost of goods": ("5000",),
    "Labels": ("5200",),
    "Payment fees": ("6000",),
}


def margin_box(number: int, balances: Mapping[str, int]) -> list[Sum]:
    """What is left of what was sent, from the order's postings; empty while nothing was."""
    here = f"/console/orders/{number}/ledger"
    rows = []
    for label, accounts in _MARGIN.items():
        minor = -sum(balances.get(account, 0) for account in accounts)
        if minor:
            rows.append(Sum(label, minor, f"{here}#account-{accounts[0]}"))
    if not rows or not balances.get("4000"):
        return []
    return [*rows, Sum("Margin", sum(row.minor for row in rows), here, is_total=True)]


def parcels(found: OrderPage) -> list[Parcel]:
    """Parcels, newest first."""
    made = []
    for row in reversed(found.parcels):
        papers = tuple(each for each in found.papers if each.subject_id in (row.id, row.fulfillment_id))
        scans = tuple(each for each in reversed(found.scans) if each.shipment_id == row.id)
        made.append(Parcel(row, shown(SHIPMENT.labels, row.status), papers, scans))
    return made


def entries(found: OrderPage, names: Mapping[str, str]) -> list[Entry]:
    """What happened, newest first."""
    return [Entry(row.text, row.happened_at, people(row.actor, names), *_look(row.kind)) for row in found.timeline]


def _look(kind: str) -> tuple[str, str]:
    for begins, tone, icon in _LOOKS:
        if kind.startswith(begins):
            return icon, tone
    return "dot", "plain"
