"""The outside as a program meets it: provider, carrier and mailer with memories of their own, behind ports.

What they remember is their own book: it survives whatever happens to the shop's programs.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from storekeep.kernel.db import refuse_inside_transaction
from storekeep.shop.notify.sender import MailNotSent, OutgoingMail
from storekeep.shop.payments.providers import MemoryProvider
from storekeep.shop.payments.providers.base import ProviderUnavailable, ProviderUnknown
from storekeep.shop.shipping.carriers.base import (
    CarrierError,
    LabelBought,
    LabelRequest,
    PurchaseSearch,
    RateRequest,
    VoidAnswer,
)
from storekeep.shop.shipping.carriers.demo_cards import demo_carriers
from storekeep.shop.shipping.carriers.table import TableCarrier
from storekeep.shop.shipping.model import ServiceOffer
from storekeep.world.simulator.programs import Ports


class NoAnswer(Exception):
    """What ports raise to break an outside call; whoever is called turns it into the words of its own port."""

    def __init__(self, was_done: bool) -> None:
        super().__init__("no answer")
        self.was_done = was_done


class CarrierBook:
    """A carrier that remembers what it sold and took back, by key."""

    def __init__(self, table: TableCarrier) -> None:
        self.table = table
        self.sold: dict[str, LabelBought] = {}
        self.voided: dict[str, str] = {}


@dataclass
class Postbox:
    """Mails that were taken, by message id, in the order of arrival."""

    taken: Counter[str] = field(default_factory=Counter)
    subjects: dict[str, tuple[str, str]] = field(default_factory=dict)

    def put(self, mail: OutgoingMail) -> None:
        self.taken[mail.message_id] += 1
        self.subjects[mail.message_id] = (mail.to_address, mail.subject)


class ToldProvider:
    """A provider whose every call passes the ports; webhooks are checked without any call."""

    CALLS = frozenset(
        {"open_session", "read", "find", "capture", "void", "expire_session", "refund", "find_refund"}
    )

    def __init__(self, provider: MemoryProvider, ports: Ports) -> None:
        self.name, self._provider, self._ports = provider.name, provider, ports

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._provider, name)
        if name not in self.CALLS:
            return call

        def told(*args: Any, **kwargs: Any) -> Any:
            refuse_inside_transaction()
            try:
                self._ports.before(f"provider.{name}")
                answer = call(*args, **kwargs)
                self._ports.after(f"provider.{name}")
            except NoAnswer as silence:
                how = ProviderUnknown if silence.was_done else ProviderUnavailable
                raise how("The provider did not answer.") from silence
            return answer

        return told


class ToldCarrier:
    """A carrier whose buying, finding and voiding pass the ports; rates are computed at home."""

    def __init__(self, book: CarrierBook, ports: Ports) -> None:
        self.code, self.name, self._book, self._ports = book.table.code, book.table.name, book, ports

    def rate(self, request: RateRequest) -> tuple[ServiceOffer, ...]:
        return self._book.table.rate(request)

    def check(self, tracking_number: str) -> bool:
        return self._book.table.check(tracking_number)

    def buy(self, request: LabelRequest, key: str) -> LabelBought:
        def sell() -> LabelBought:
            self._book.sold[key] = bought = self._book.table.buy(request, key)
            return bought

        return self._told("buy", sell)

    def find_purchase(self, key: str) -> PurchaseSearch:
        def look() -> PurchaseSearch:
            bought = self._book.sold.get(key)
            return PurchaseSearch("absent") if bought is None else PurchaseSearch("found", bought)

        return self._told("find_purchase", look)

    def void(self, tracking_number: str, key: str) -> VoidAnswer:
        def take_back() -> VoidAnswer:
            self._book.voided[key] = tracking_number
            return self._book.table.void(tracking_number, key)

        return self._told("void", take_back)

    def _told(self, name: str, call: Any) -> Any:
        refuse_inside_transaction()
        try:
            self._ports.before(f"carrier.{name}")
            answer = call()
            self._ports.after(f"carrier.{name}")
        except NoAnswer as silence:
            kind = "unknown_outcome" if silence.was_done else "carrier_down"
            raise CarrierError(kind, "no_answer", "The carrier did not answer.") from silence
        return answer


class ToldMailer:
    """A mailer whose every mail passes the ports."""

    def __init__(self, box: Postbox, ports: Ports) -> None:
        self._box, self._ports = box, ports

    def send(self, outgoing: OutgoingMail) -> None:
        refuse_inside_transaction()
        try:
            self._ports.before("mail.send")
            self._box.put(outgoing)
            self._ports.after("mail.send")
        except NoAnswer as silence:
            raise MailNotSent("The mail server did not answer.") from silence


def carriers() -> dict[str, CarrierBook]:
    """Both demo carriers with empty books; their labels are quick to print."""
    tables = demo_carriers(lambda content: b"%PDF-label " + content.tracking_number.encode())
    return {code: CarrierBook(table) for code, table in tables.items()}
