"""Rate cards in the database, and the carriers made of them: what the shop can ship with from its first start."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from storekeep.kernel.db import Tx
from storekeep.kernel.jsontext import dump, load
from storekeep.shop.shipping.carriers.base import Carrier, RateRequest
from storekeep.shop.shipping.carriers.demo_cards import CARRIER_NAMES, PREFIXES
from storekeep.shop.shipping.carriers.table import TableCarrier
from storekeep.shop.shipping.model import RateCard, ServiceOffer
from storekeep.shop.shipping.tables import rate_card


def install(tx: Tx, cards: Iterable[RateCard]) -> int:
    """Write rate cards that are not there yet (by carrier, service, zone and first day); returns how many were new."""
    c = rate_card.c
    known = {tuple(row) for row in tx.rows(select(c.carrier, c.service, c.zone, c.effective_from))}
    fresh = [card for card in cards if (card.carrier, card.service, card.zone, card.effective_from) not in known]
    tx.insert_many(rate_card, [_row(tx, card) for card in fresh])
    return len(fresh)


def _row(tx: Tx, card: RateCard) -> dict[str, Any]:
    return {
        "id": tx.new_id(),
        "carrier": card.carrier,
        "service": card.service,
        "label": card.label,
        "zone": card.zone,
        "currency": card.currency,
        "brackets": dump(card.brackets),
        "transit_days_min": card.transit_days_min,
        "transit_days_max": card.transit_days_max,
        "cutoff_hour": card.cutoff_hour,
        "max_weight_g": card.max_weight_g,
        "rank": card.rank,
        "effective_from": card.effective_from,
        "effective_to": card.effective_to or None,
        "is_active": True,
    }


def cards(tx: Tx) -> list[RateCard]:
    """The active rate cards, by carrier, service, zone and first day."""
    c = rate_card.c
    query = select(rate_card).where(c.is_active).order_by(c.carrier, c.service, c.zone, c.effective_from)
    return [
        RateCard(
            carrier=row.carrier,
            service=row.service,
            label=row.label,
            zone=row.zone,
            currency=row.currency,
            brackets=tuple((int(up_to), int(price)) for up_to, price in load(row.brackets)),
            transit_days_min=row.transit_days_min,
            transit_days_max=row.transit_days_max,
            cutoff_hour=row.cutoff_hour,
            max_weight_g=row.max_weight_g,
            effective_from=row.effective_from,
            effective_to=row.effective_to or "",
            rank=row.rank,
        )
        for row in tx.rows(query)
    ]


def set_active(tx: Tx, card_id: str, is_active: bool) -> bool:
    """Switch a rate card on or off; False when there is no such card."""
    return bool(tx.run(update(rate_card).where(rate_card.c.id == card_id).values(is_active=is_active)))


def carriers(tx: Tx, *, is_demo: bool = False) -> dict[str, TableCarrier]:
    """A table carrier for every carrier that has active rate cards, by code."""
    by_code: dict[str, list[RateCard]] = {}
    for card in cards(tx):
        by_code.setdefault(card.carrier, []).append(card)
    return {
        code: TableCarrier(
            code=code, name=carrier_name(code), prefix=_prefix(code), cards=own, is_demo=is_demo or code in PREFIXES
        )
        for code, own in by_code.items()
    }


def carrier_name(code: str) -> str:
    """A carrier's name as people read it."""
    return CARRIER_NAMES.get(code) or code.replace("-", " ").title()


def _prefix(code: str) -> str:
    letters = "".join(sign for sign in code.upper() if "A" <= sign <= "Z")
    return PREFIXES.get(code) or f"{letters}XX"[:2]


def offers(of: Mapping[str, Carrier], request: RateRequest) -> Sequence[ServiceOffer]:
    """What every carrier offers for a parcel. Table carriers only compute, so this may stand in a transaction."""
    return [offer for code in sorted(of) for offer in of[code].rate(request)]
