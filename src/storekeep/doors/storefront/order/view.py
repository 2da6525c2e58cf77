"""What the page of an order shows, in the shopper's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storekeep.doors.storefront.order.payment import PaymentView, payment_view
from storekeep.doors.storefront.shown import picture
from storekeep.kernel.clock import Instant
from storekeep.kernel.jsontext import load as load_json
from storekeep.shop.reports.storefront import OrderStory
from storekeep.shop.support.model import REASONS

STEPS = ("Confirmed", "Packed", "On its way", "Delivered")
_PARCEL = {
    "draft": ("Packed", "plain", "half"),
    "label_pending": ("Packed", "plain", "half"),
    "labelled": ("Waiting for the carrier", "info", "ring"),
    "handed_over": ("On its way", "info", "half"),
    "delivered": ("Delivered", "good", "tick"),
    "returned": ("Back with us", "warn", "triangle"),
    "lost": ("Lost on the way; we are looking after it", "bad", "octagon"),
}
_RETURN = {
    "approved": "Announced; send it back to us",
    "received": "Arrived; we are looking at it",
    "closed": "Done",
    "canceled": "Called off",
}
_REFUND = {
    "requested": "on its way to your bank",
    "sent": "on its way to your bank",
    "pending": "on its way to your bank",
    "unknown": "being checked with the bank",
    "succeeded": "given back",
    "failed": "refused by the bank; we are looking after it",
    "canceled": "called off",
}


@dataclass(frozen=True, slots=True)
class Status:
    """A status as word, tone and icon."""

    label: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of the order; `notes` say what became of its units, `at_most` how many may be complained about."""

    id: str
    name: str
    option: str
    qty: int
    total_minor: int
    image_url: str
    notes: tuple[str, ...]
    at_most: int


@dataclass(frozen=True, slots=True)
class EventView:
    """A line of a parcel's story, as the shared timeline draws it."""

    what: str
    at: Instant | None
    who: str
    icon: str
    tone: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ParcelView:
    """One parcel with its way so far."""

    status: Status
    carrier: str
    tracking_number: str
    contents: tuple[str, ...]
    promised_on: str | None
    events: tuple[EventView, ...]


@dataclass(frozen=True, slots=True)
class OrderView:
    """The page of an order."""

    number: int
    placed_at: Instant
    currency: str
    status: Status
    steps: tuple[str, ...]
    step: int
    promised_on: str | None
    payment: PaymentView
    lines: tuple[LineView, ...]
    address: tuple[str, ...]
    email: str
    delivery_label: str
    sums: tuple[tuple[str, int], ...]
    total_minor: int
    tax_minor: int
    with_tax: bool
    money: tuple[tuple[str, int], ...]
    balance_label: str
    balance_minor: int
    refunds: tuple[tuple[int, str, Instant], ...]
    returns: tuple[tuple[int, str, tuple[str, ...], Instant], ...]
    parcels: tuple[ParcelView, ...]
    talks: tuple[tuple[str, str, str], ...]
    may_cancel: bool
    cancel_effect: str
    reasons: tuple[tuple[str, str], ...]
    is_pending: bool
    return_days: int
    #: The day on which everything is expected to be ready to send, while the order waits for it
    waits_until: str | None = None


def of_story(
    story: OrderStory, talks: Sequence[tuple[str, str, str]], *, country: str, came_back: str, return_days: int
) -> OrderView:
    """The page of an order from its rows. `talks` are (title, status, address) of its conversations."""
    order = story.order
    pay = payment_view(story, came_back)
    parcels = tuple(_parcel(row, story.events.get(row.id, ())) for row in story.shipments)
    step = _step(story)
    address = load_json(order.ship_to)
    town = " ".join(part for part in (address.get("postcode", ""), address.get("city", "")) if part)
    lines_of_address = (order.name, address.get("line1"), address.get("line2"), town, address.get("region"))
    return OrderView(
        number=order.number,
        placed_at=order.placed_at,
        currency=order.currency,
        status=_status(story, step, pay),
        steps=STEPS if order.status in ("open", "completed") else (),
        step=step,
        promised_on=order.promised_on if order.status in ("open", "pending_payment") and step < 3 else None,
        payment=pay,
        lines=tuple(_line(row, story) for row in story.lines),
        address=tuple(part for part in (*lines_of_address, country) if part),
        email=order.email,
        delivery_label=order.delivery_label,
        sums=_sums(order),
        total_minor=order.total_minor,
        tax_minor=order.tax_minor,
        with_tax=bool(order.prices_include_tax),
        money=_money(order),
        balance_label=_balance(order)[0],
        balance_minor=_balance(order)[1],
        refunds=tuple((row.amount_minor, _REFUND.get(row.status, row.status), row.created_at) for row in story.refunds),
        returns=_returns(story),
        parcels=parcels,
        talks=tuple(talks),
        may_cancel=_may_cancel(story),
        cancel_effect=_cancel_effect(order),
        reasons=tuple(REASONS.items()),
        is_pending=order.status == "pending_payment",
        return_days=return_days,
        waits_until=story.wait.ready_on if _waits(story) and story.wait is not None else None,
    )


def _waits(story: OrderStory) -> bool:
    return story.wait is not None and story.wait.ended_at is None and story.order.status == "open"


def _status(story: OrderStory, step: int, pay: PaymentView) -> Status:
    order = story.order
    if order.status == "pending_payment":
        return Status(pay.label, pay.tone, pay.icon)
    if order.status == "canceled":
        return Status("Canceled", "plain", "dash")
    if order.status == "expired":
        return Status("Not paid in time", "plain", "triangle")
    if _waits(story):
        return Status("Confirmed; waiting for goods", "info", "clock")
    if order.fulfillment_status == "returned":
        return Status("Sent back", "plain", "triangle")
    tone, icon = ("good", "tick") if step == 3 else ("info", "half")
    label = ("Confirmed; we are getting it ready", "Packed", "On its way", "Delivered")[step]
    if order.fulfillment_status == "partially_fulfilled" and step >= 2:
        label = "A part is on its way"
    return Status(label, tone, icon)


def _step(story: OrderStory) -> int:
    """How far the order got: the place in `STEPS`."""
    sent = [row for row in story.shipments if row.handed_over_at is not None]
    if sent:
        everything = story.order.fulfillment_status not in ("unfulfilled", "partially_fulfilled")
        return 3 if everything and all(row.delivered_at is not None for row in sent) else 2
    return 1 if any(row.status in ("packed", "handed_over") for row in story.work) else 0


def _line(row: Any, story: OrderStory) -> LineView:
    goods = next((part for part in story.parts if part.order_line_id == row.id), None)
    counted = (
        (row.canceled, "canceled"),
        (row.returned, "sent back"),
        (row.refunded, "refunded"),
        (row.replaced, "sent again"),
    )
    notes = [f"{count} {word}" for count, word in counted if count]
    if row.id in story.missing:
        notes.insert(0, f"{story.missing[row.id]} still to come")
    if row.kit_id:
        notes.insert(0, f"part of {story.kits[row.kit_id].title}")
    if 0 < row.fulfilled < row.ordered - row.canceled:
        notes.insert(0, f"{row.fulfilled} sent")
    listed = 0 if goods is None else goods.list_minor
    return LineView(
        id=row.id,
        name=row.title,
        option=row.option_label,
        qty=row.ordered,
        total_minor=listed,
        image_url=picture(story.pictures.get(row.variant_id)),
        notes=tuple(notes),
        at_most=row.ordered - row.canceled,
    )


def _sums(order: Any) -> tuple[tuple[str, int], ...]:
    rows = [("Goods", order.goods_minor)]
    if order.discount_minor:
        rows.append((f"Code {order.discount_code}" if order.discount_code else "Discount", -order.discount_minor))
    rows.append((order.delivery_label or "Delivery", order.shipping_minor))
    if not order.prices_include_tax and order.tax_minor:
        rows.append(("Tax", order.tax_minor))
    return tuple(rows)


def _money(order: Any) -> tuple[tuple[str, int], ...]:
    """From the total to the balance; the rows add up to it."""
    rows = [("Ordered", order.total_minor)]
    if order.owed_minor != order.total_minor:
        rows.append(("Canceled, sent back or taken off", order.owed_minor - order.total_minor))
    if order.received_minor:
        rows.append(("Paid", -order.received_minor))
    if order.given_back_minor:
        rows.append(("Given back to you", order.given_back_minor))
    return tuple(rows)


def _balance(order: Any) -> tuple[str, int]:
    left = order.owed_minor - order.received_minor + order.given_back_minor
    if left < 0:
        return "We owe you", -left
    if left and order.authorized_minor:
        return "Set aside on your card until we pack", left
    if left and order.status in ("expired", "canceled"):
        return "Nothing to pay any more", 0
    return ("To pay", left) if left else ("Settled", 0)


def _parcel(row: Any, scans: Sequence[Any]) -> ParcelView:
    events = [_event(scan, is_last=at == 0) for at, scan in enumerate(scans)]
    return ParcelView(
        status=Status(*_PARCEL.get(row.status, ("On its way", "info", "half"))),
        carrier=row.service_label or row.carrier,
        tracking_number=row.tracking_number or "",
        contents=tuple(f"{qty} × {title}" for _, title, qty in load_json(row.contents)),
        promised_on=row.promised_on if row.delivered_at is None else None,
        events=tuple(events),
    )


def _event(scan: Any, *, is_last: bool) -> EventView:
    """One scan; only the latest has a tone, so that the eye finds it."""
    what = scan.text or scan.milestone.replace("_", " ").capitalize()
    icon, tone = "half", "info"
    if scan.exception not in ("", "none"):
        icon, tone = "triangle", "warn"
    elif scan.milestone == "delivered":
        icon, tone = "tick", "good"
    if not is_last:
        icon, tone = "ring", "plain"
    return EventView(what, scan.scanned_at, scan.place, icon, tone)


def _returns(story: OrderStory) -> tuple[tuple[int, str, tuple[str, ...], Instant], ...]:
    names = {line.id: line.title for line in story.lines}
    found: dict[int, tuple[str, list[str], Instant]] = {}
    for row in story.returns:
        _, goods, _ = found.setdefault(row.number, (_RETURN.get(row.status, row.status), [], row.created_at))
        goods.append(f"{row.qty} × {names.get(row.order_line_id, '')}")
    return tuple((number, status, tuple(goods), at) for number, (status, goods, at) in found.items())


def _may_cancel(story: OrderStory) -> bool:
    if story.order.status not in ("pending_payment", "open"):
        return False
    live = [row for row in story.work if row.status != "canceled"]
    return all(row.status == "open" for row in live) and not any(line.fulfilled for line in story.lines)


def _cancel_effect(order: Any) -> str:
    if order.received_minor > order.given_back_minor:
        return "What you paid goes back the way it came."
    if order.authorized_minor:
        return "The sum that is set aside on your card is given back; nothing is charged."
    return "Nothing was charged."
