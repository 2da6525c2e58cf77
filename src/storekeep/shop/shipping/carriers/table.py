"""The carrier that needs no network: prices from our own rate cards, our own numbers, our own label.

It is a full carrier, so a shop can rate, label and track from its first start. Buying is pure arithmetic on the
request and the key: the same key gives the same number, price and label, today and after a restart.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final

from storekeep.shop.shipping.carriers.base import (
    CarrierError,
    LabelBought,
    LabelRequest,
    PurchaseSearch,
    RateRequest,
    VoidAnswer,
)
from storekeep.shop.shipping.labels import LabelContent, render_label
from storekeep.shop.shipping.model import ZONE_LABELS, Parcel, RateCard, ServiceOffer, overlapping, zone_of
from storekeep.shop.shipping.promise import hands_over_on, local_time, promise

BODY_DIGITS: Final = 15
REMEMBERED_PURCHASES: Final = 10_000


class TableCarrier:
    """A carrier made of rate cards. `prefix` is two capital letters that start its tracking numbers.

    ValueError when a card belongs to another carrier, two cards overlap, or the prefix is malformed. `render`
    draws the label and is replaced only where nobody will ever print one.
    """

    def __init__(
        self,
        code: str,
        name: str,
        prefix: str,
        cards: Sequence[RateCard],
        render: Callable[[LabelContent], bytes] = render_label,
        is_demo: bool = False,
    ) -> None:
        strangers = sorted({card.carrier for card in cards} - {code})
        if strangers:
            raise ValueError(f"carrier {code} was given rate cards of {', '.join(strangers)}")
        problems = overlapping(tuple(cards))
        if problems:
            raise ValueError("; ".join(problems))
        _check_prefix(prefix)
        self.code, self.name, self.prefix, self.is_demo = code, name, prefix, is_demo
        self._cards = tuple(cards)
        self._render = render
        self._lock = Lock()
        self._purchases: OrderedDict[str, LabelRequest] = OrderedDict()

    def rate(self, request: RateRequest) -> tuple[ServiceOffer, ...]:
        """One offer per service that any card of this carrier names, in the order of the merchant's rank.

        Prices are those in force on the day of hand-over. A parcel or address that nobody could price makes
        every service say so.
        """
        services: dict[str, RateCard] = {}
        for card in sorted(self._cards, key=lambda c: (c.rank, c.service, c.effective_from)):
            services.setdefault(card.service, card)
        return tuple(self._offer(request, sample)[0] for sample in services.values())

    def buy(self, request: LabelRequest, key: str) -> LabelBought:
        """The label for `request`. The same key gives the same bytes; CarrierError kind `input` when the
        service does not take the parcel or the key was used for another one."""
        if not key:
            raise CarrierError("input", "key_missing", "A label purchase needs a key.")
        bought = self._sell(request, key)
        with self._lock:
            known = self._purchases.setdefault(key, request)
            if len(self._purchases) > REMEMBERED_PURCHASES:
                self._purchases.popitem(last=False)
        if known != request:
            raise CarrierError("input", "key_reused", "This purchase key was used for another parcel.")
        return bought

    def find_purchase(self, key: str) -> PurchaseSearch:
        """`found` with the same label, or `absent`. Selling has no effect outside this process, so after a
        restart `absent` is the truth, and buying again under the same key gives the same number."""
        with self._lock:
            request = self._purchases.get(key)
        if request is None:
            return PurchaseSearch("absent")
        return PurchaseSearch("found", self._sell(request, key))

    def void(self, tracking_number: str, key: str) -> VoidAnswer:
        """Always `voided` for a number of this carrier: it is paid at hand-over, so an unused label costs
        nothing. `refused` for a number that it cannot have sold."""
        if not self.check(tracking_number):
            return VoidAnswer("refused", f"'{tracking_number}' is not a tracking number of {self.name}.")
        return VoidAnswer("voided")

    def check(self, tracking_number: str) -> bool:
        """True when the number, read without blanks and hyphens and in any case, carries this carrier's prefix,
        the right length and the right check digit."""
        return check_number(tracking_number, self.prefix)

    def _sell(self, request: LabelRequest, key: str) -> LabelBought:
        samples = [card for card in self._cards if card.service == request.service]
        if not samples:
            raise CarrierError("input", "unknown_service", f"{self.name} has no service '{request.service}'.")
        offer, ships_on = self._offer(request.rate, samples[0])
        if not offer.feasible:
            raise CarrierError("input", "not_offered", offer.rejected_because)
        number = tracking_number_for(self.prefix, key)
        content = LabelContent(
            carrier=self.code,
            carrier_name=self.name,
            service_label=offer.label,
            sender=request.rate.origin,
            recipient=request.rate.destination,
            weight_g=request.rate.parcel.weight_g,
            order_number=request.order_number,
            tracking_number=number,
            ships_on=ships_on,
            parcel_index=request.parcel_index,
            parcel_count=request.parcel_count,
            is_demo=self.is_demo,
        )
        return LabelBought(number, self._render(content), offer.price_minor, offer.currency)

    def _offer(self, request: RateRequest, sample: RateCard) -> tuple[ServiceOffer, str]:
        """The offer of the service that `sample` belongs to, and its hand-over date ('' when not offered)."""
        reason = _parcel_problem(request.parcel)
        if reason:
            return _not_offered(sample, reason), ""
        try:
            zone = zone_of(request.origin.country, request.destination.country)
        except ValueError as error:
            return _not_offered(sample, f"The zone is not known: {error}."), ""
        zone_cards = [c for c in self._cards if (c.service, c.zone) == (sample.service, zone)]
        if not zone_cards:
            return _not_offered(sample, f"It does not serve the zone “{ZONE_LABELS[zone]}”."), ""
        card, ships_on = _card_in_force(zone_cards, request)
        if card is None:
            return _not_offered(sample, f"No rate card is in force on {ships_on}."), ""
        price = card.price_minor(request.parcel.weight_g)
        if price is None:
            limit = f"{request.parcel.weight_g} g is over its limit of {card.max_weight_g} g."
            return _not_offered(card, f"The parcel is too heavy: {limit}"), ""
        arrives_on = promise(
            request.ready_at,
            card.cutoff_hour,
            request.timezone,
            request.handling_days,
            card.transit_days_max,
            request.holidays,
        )
        return _offered(card, price, arrives_on), ships_on


def _card_in_force(cards: Sequence[RateCard], request: RateRequest) -> tuple[RateCard | None, str]:
    """The one card in force on the day on which it would hand the parcel over, or None and that day.

    Versions may differ in their cut-off, so each is asked about its own day.
    """
    day = local_time(request.ready_at, request.timezone).date().isoformat()
    for card in cards:
        day = hands_over_on(
            request.ready_at, card.cutoff_hour, request.timezone, request.handling_days, request.holidays
        )
        if card.is_effective_on(day):
            return card, day
    return None, day


def _offered(card: RateCard, price_minor: int, arrives_on: str) -> ServiceOffer:
    return ServiceOffer(
        carrier=card.carrier,
        service=card.service,
        label=card.label,
        price_minor=price_minor,
        currency=card.currency,
        transit_days_min=card.transit_days_min,
        transit_days_max=card.transit_days_max,
        arrives_on=arrives_on,
        feasible=True,
        rejected_because="",
        rank=card.rank,
    )


def _not_offered(card: RateCard, reason: str) -> ServiceOffer:
    return ServiceOffer(
        carrier=card.carrier,
        service=card.service,
        label=card.label,
        price_minor=0,
        currency=card.currency,
        transit_days_min=card.transit_days_min,
        transit_days_max=card.transit_days_max,
        arrives_on="",
        feasible=False,
        rejected_because=reason,
        rank=card.rank,
    )


def _parcel_problem(parcel: Parcel) -> str:
    if parcel.weight_g <= 0:
        return f"The parcel's weight is {parcel.weight_g} g; weigh it first."
    if min(parcel.length_mm, parcel.width_mm, parcel.height_mm) <= 0:
        return "A side of the parcel is 0 mm or less; measure it first."
    return ""


def tracking_number_for(prefix: str, source: str | int) -> str:
    """The tracking number for a purchase key (text) or a sequence number (0 to 15 digits).

    Two letters, 15 digits and one check digit (ISO 7064 MOD 11,10 over all of it). The same source always gives
    the same number; two keys share one with a chance of about one in 10^15.
    """
    _check_prefix(prefix)
    if isinstance(source, int):
        if not 0 <= source < 10**BODY_DIGITS:
            raise ValueError(f"a sequence number must have at most {BODY_DIGITS} digits, not {source}")
        body = source
    else:
        body = int.from_bytes(hashlib.sha256(source.encode()).digest()[:16]) % 10**BODY_DIGITS
    digits = f"{body:0{BODY_DIGITS}d}"
    return f"{prefix}{digits}{_check_digit(prefix + digits)}"


def check_number(tracking_number: str, prefix: str) -> bool:
    """True when the text is a tracking number with this prefix; blanks, hyphens and case are forgiven."""
    text = normalize_number(tracking_number)
    body = text[len(prefix) : -1]
    well_formed = len(body) == BODY_DIGITS and text.isascii() and (body + text[-1]).isdigit()
    return well_formed and text.startswith(prefix) and text[-1] == _check_digit(text[:-1])


def normalize_number(tracking_number: str) -> str:
    """The number as it is stored: without blanks and hyphens, in capitals."""
    return "".join(tracking_number.split()).replace("-", "").upper()


def _check_digit(text: str) -> str:
    """ISO 7064 MOD 11,10: finds every single wrong digit and nearly every swap of neighbours. A letter counts
    as its place in the alphabet plus 9, written as two digits."""
    product = 10
    for digit in "".join(str(int(character, 36)) for character in text):
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def _check_prefix(prefix: str) -> None:
    if len(prefix) != 2 or not (prefix.isascii() and prefix.isalpha() and prefix.isupper()):
        raise ValueError(f"a tracking prefix is two capital letters, not '{prefix}'")
