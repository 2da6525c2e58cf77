"""The carriers' counter, where labels are sold by key: it is shut, or its answer is lost, and it keeps a book."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select

from storekeep.kernel.bulk import among
from storekeep.kernel.clock import DAY, Instant
from storekeep.kernel.db import Tx, refuse_inside_transaction
from storekeep.shop.shipping.carriers.base import (
    Carrier,
    CarrierError,
    LabelBought,
    LabelRequest,
    PurchaseSearch,
    RateRequest,
    VoidAnswer,
)
from storekeep.shop.shipping.carriers.demo_cards import demo_carriers
from storekeep.shop.shipping.labels import LabelContent
from storekeep.shop.shipping.model import ServiceOffer
from storekeep.shop.shipping.tables import label_purchase, shipment
from storekeep.world.simulator.play import Broken, Play
from storekeep.world.simulator.programs import Ports

T = TypeVar("T")
#: How long a label that was sold is looked for every day
LATELY: Instant = 5 * DAY


@dataclass(frozen=True, slots=True)
class Sold:
    """A label that was sold: its number, its price in minor units, and when."""

    number: str
    price_minor: int
    at: Instant


class PlayedCarrier:
    """One carrier for a whole play. Its book lives on when programs of ours die."""

    def __init__(self, play: Play, inner: Carrier) -> None:
        self.play, self.inner, self.code = play, inner, inner.code
        self.rng = random.Random(f"{play.seed}:labels of {inner.code}")  # noqa: S311 - a game, no secret
        #: What was sold, by key
        self.sold: dict[str, Sold] = {}
        #: The numbers of labels that were handed back
        self.voided: set[str] = set()

    def seen_by(self, ports: Ports) -> Carrier:
        """The carrier as one program sees it."""
        return _Counter(self, ports)

    def strikes(self, chance: float, what: str) -> bool:
        """Whether a trouble of this chance happens now; it is counted."""
        if chance > 0 and self.rng.random() < chance:
            self.play.note(f"fault: {what}")
            return True
        return False

    def sell(self, request: LabelRequest, key: str) -> LabelBought:
        """Sell a label, or find the one that was sold under this key before."""
        bought = self.inner.buy(request, key)
        sold = self.sold.setdefault(key, Sold(bought.tracking_number, bought.price_minor, self.play.now))
        if sold.number != bought.tracking_number:
            raise Broken("carrier", f"one key bought the labels {sold.number} and {bought.tracking_number}")
        return bought

    def take_back(self, tracking_number: str, key: str) -> VoidAnswer:
        """Take an unused label back."""
        answer = self.inner.void(tracking_number, key)
        if answer.answer == "voided":
            self.voided.add(tracking_number)
        return answer


def played_carriers(play: Play, inner: Mapping[str, Carrier] | None = None) -> dict[str, PlayedCarrier]:
    """The carriers of a play by code: `inner`, or the demo's with labels that are a line of text."""
    return {code: PlayedCarrier(play, each) for code, each in (inner or demo_carriers(_plain)).items()}


def _plain(content: LabelContent) -> bytes:
    return f"Label {content.tracking_number} for order {content.order_number}".encode()


class _Counter:
    """The port, as one life of one of our programs sees it."""

    def __init__(self, carrier: PlayedCarrier, ports: Ports) -> None:
        self._carrier, self._ports = carrier, ports
        self.code, self.name = carrier.inner.code, carrier.inner.name

    def rate(self, request: RateRequest) -> tuple[ServiceOffer, ...]:
        """See the port. It is computed from cards of ours, so it is no call to the outside."""
        return self._carrier.inner.rate(request)

    def check(self, tracking_number: str) -> bool:
        """See the port."""
        return self._carrier.inner.check(tracking_number)

    def buy(self, request: LabelRequest, key: str) -> LabelBought:
        """See the port."""
        return self._call("buy", lambda: self._carrier.sell(request, key))

    def find_purchase(self, key: str) -> PurchaseSearch:
        """See the port."""
        return self._call("find_purchase", lambda: self._carrier.inner.find_purchase(key))

    def void(self, tracking_number: str, key: str) -> VoidAnswer:
        """See the port."""
        return self._call("void", lambda: self._carrier.take_back(tracking_number, key))

    def _call(self, operation: str, work: Callable[[], T]) -> T:
        """One call over the network, with what may happen to it on the way there and on the way back."""
        refuse_inside_transaction()
        carrier, trouble = self._carrier, self._carrier.play.trouble
        self._ports.before(f"carrier.{operation}")
        if carrier.strikes(trouble.unavailable, "carrier unavailable"):
            raise CarrierError("carrier_down", "down", "The carrier cannot be reached.")
        if carrier.strikes(trouble.label_timeout_before, "carrier call lost on its way"):
            raise CarrierError("unknown_outcome", "timeout", "The carrier did not answer in time.")
        answer: T | CarrierError
        try:
            answer = work()
        except CarrierError as refusal:
            answer = refusal
        if carrier.strikes(trouble.label_timeout_after, "carrier answer lost"):
            raise CarrierError("unknown_outcome", "timeout", "The carrier did not answer in time.")
        self._ports.after(f"carrier.{operation}")
        if isinstance(answer, CarrierError):
            raise answer
        return answer


def labels_unknown(tx: Tx, carriers: Mapping[str, PlayedCarrier]) -> list[str]:
    """Labels sold lately that we do not know as bought. For any moment: an answer may be lost, but not for a day."""
    lately = {
        key: f"{code} sold label {sold.number}"
        for code, carrier in sorted(carriers.items())
        for key, sold in carrier.sold.items()
        if sold.at >= carrier.play.now - LATELY
    }
    p = label_purchase.c
    query = select(p.idempotency_key, p.status).where(among(p.idempotency_key, list(lately)))
    ours = {row.idempotency_key: row.status for row in tx.rows(query)}
    return [
        f"{said}, which is {ours.get(key, 'unknown')} here"
        for key, said in lately.items()
        if ours.get(key) not in {"bought", "voided"}
    ]


def label_differences(tx: Tx, carriers: Mapping[str, PlayedCarrier]) -> list[str]:
    """What the carriers' books and ours do not agree on, one line each; none when all is well. For a quiet end."""
    p, s = label_purchase.c, shipment.c
    query = (
        select(
            p.idempotency_key, p.status, p.cost_minor, p.tracking_number, s.carrier, s.number,
            s.status.label("parcel_status"), s.tracking_number.label("worn"),
        )
        .join_from(label_purchase, shipment, s.id == p.shipment_id)
        .order_by(p.id)
    )  # fmt: skip
    ours = {row.idempotency_key: row for row in tx.rows(query)}
    found = []
    for code, carrier in sorted(carriers.items()):
        for key, sold in carrier.sold.items():
            row = ours.get(key)
            if row is None or row.carrier != code:
                found.append(f"{code} sold label {sold.number} that we know nothing of")
            else:
                found += _label_differences(row, sold, sold.number in carrier.voided)
    for key, row in ours.items():
        if row.status in {"bought", "voided"} and key not in carriers[row.carrier].sold:
            found.append(f"parcel {row.number} has a label {row.tracking_number} that {row.carrier} never sold")
    return found


def _label_differences(row: Any, sold: Sold, is_voided: bool) -> list[str]:
    wanted = "voided" if is_voided else "bought"
    said = f"label {sold.number} of parcel {row.number}"
    if row.status != wanted:
        return [f"{said} is {row.status} here and {wanted} at the carrier"]
    found = []
    if (row.tracking_number, row.cost_minor) != (sold.number, sold.price_minor):
        found.append(f"{said} was sold for {sold.price_minor}, we have {row.tracking_number} for {row.cost_minor}")
    if not is_voided and (row.parcel_status == "canceled" or row.worn != sold.number):
        found.append(f"{said} is paid for, but the parcel is {row.parcel_status} and wears {row.worn}")
    return found
