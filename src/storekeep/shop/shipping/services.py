"""Which service carries this parcel: the cheapest one that keeps the promise.

The choice explains itself. Every service that was not taken is listed with its reason, so that the console can
answer "why this one?" from stored data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from storekeep.kernel.errors import StorekeepError
from storekeep.shop.shipping.model import ServiceOffer

RejectionCode = Literal["not_offered", "late", "dearer", "equal"]


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why one service was not taken. `extra_minor` is its price above the chosen one (negative: cheaper);
    None when it had no price."""

    carrier: str
    service: str
    label: str
    code: RejectionCode
    reason: str
    extra_minor: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen offer. `meets_promise` is False when no service could keep the promise and the earliest one
    was taken instead; the console shows that as a flag."""

    offer: ServiceOffer
    meets_promise: bool
    rejections: tuple[Rejection, ...]

    @property
    def reasons(self) -> dict[str, str]:
        """Service code to the sentence that says why it was not taken."""
        return {rejection.service: rejection.reason for rejection in self.rejections}


class NoServiceOffered(StorekeepError):
    """No carrier takes this parcel at all. `reasons` maps each service to its sentence."""

    def __init__(self, offers: Sequence[ServiceOffer]) -> None:
        self.reasons = {offer.service: offer.rejected_because for offer in offers}
        listed = "; ".join(f"{service}: {reason}" for service, reason in self.reasons.items())
        super().__init__(f"No service takes this parcel. {listed or 'No rate card is set up.'}")


def choose(offers: Sequence[ServiceOffer], promised_on: str) -> Choice:
    """The cheapest feasible offer that arrives by the ISO date `promised_on`, both ends included.

    Ties go to the earlier arrival, then to the lower rank, then to the code, so that the order of `offers` does
    not matter. When none arrives in time, the earliest is taken (then the cheapest) and flagged.
    Raises NoServiceOffered when nothing is feasible, ValueError when prices are in different currencies.
    """
    feasible = [offer for offer in offers if offer.feasible]
    if not feasible:
        raise NoServiceOffered(offers)
    if len({offer.currency for offer in feasible}) > 1:
        raise ValueError("offers in different currencies cannot be compared")
    in_time = [offer for offer in feasible if offer.arrives_on <= promised_on]
    if in_time:
        chosen = min(in_time, key=lambda o: (o.price_minor, o.arrives_on, o.rank, o.carrier, o.service))
    else:
        chosen = min(feasible, key=lambda o: (o.arrives_on, o.price_minor, o.rank, o.carrier, o.service))
    rejections = tuple(_reject(o, chosen, promised_on) for o in offers if o is not chosen)
    return Choice(chosen, bool(in_time), rejections)


def _reject(offer: ServiceOffer, chosen: ServiceOffer, promised_on: str) -> Rejection:
    extra = offer.price_minor - chosen.price_minor
    code: RejectionCode
    if not offer.feasible:
        return Rejection(
            offer.carrier, offer.service, offer.label, "not_offered", offer.rejected_because, None
        )
    if offer.arrives_on > max(promised_on, chosen.arrives_on):
        code, reason = "late", f"It would arrive on {offer.arrives_on}, after {max(promised_on, chosen.arrives_on)}."
    elif extra > 0:
        code, reason = "dearer", f"It costs more than {chosen.label}."
    else:
        code, reason = "equal", f"It is no better than {chosen.label}, which arrives earlier or ranks higher."
    return Rejection(offer.carrier, offer.service, offer.label, code, reason, extra)
