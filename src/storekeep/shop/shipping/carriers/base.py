"""The port that every carrier stands behind, and the plain data that crosses it.

Only reads may be repeated freely. `buy` and `void` carry a key, and a carrier answers the same key with the same
result, so a caller that lost an answer asks again by its own key and never buys twice.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from storekeep.kernel.errors import StorekeepError
from storekeep.shop.shipping.model import Address, Parcel, ServiceOffer

FailureKind = Literal["retryable", "auth", "input", "carrier_down", "unknown_outcome", "unsupported"]


class CarrierError(StorekeepError):
    """A carrier said no or could not be asked. `kind` says what to do about it, `code` is the carrier's own or
    ours, `message` is a sentence for the operator. Only `unknown_outcome` leaves open whether money was spent."""

    def __init__(self, kind: FailureKind, code: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class RateRequest:
    """What a price depends on. `ready_at` (µs) is when the parcel could be worked on, in the warehouse's
    `timezone`; `handling_days` are its working days before hand-over (0 at the pack station)."""

    origin: Address
    destination: Address
    parcel: Parcel
    ready_at: int
    timezone: str
    handling_days: int = 0
    holidays: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """One parcel to buy a label for: the rate request it was chosen by, the service, and what is printed."""

    rate: RateRequest
    service: str
    order_number: str
    parcel_index: int = 1
    parcel_count: int = 1


@dataclass(frozen=True, slots=True)
class LabelBought:
    """A label that the carrier sold. The bytes are stored as they are and never rendered again."""

    tracking_number: str
    label_pdf: bytes
    price_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class PurchaseSearch:
    """Answer to "did you sell a label under this key?". `bought` is there exactly when the answer is found."""

    answer: Literal["found", "absent", "cannot_tell"]
    bought: LabelBought | None = None


@dataclass(frozen=True, slots=True)
class VoidAnswer:
    """Answer to a void. It is never assumed: `pending` and `refused` are answers too, with their reason."""

    answer: Literal["voided", "pending", "refused"]
    reason: str = ""


class Carrier(Protocol):
    """What the shop needs of a carrier. Every method may raise CarrierError; only reads are retried blindly."""

    @property
    def code(self) -> str:
        """The carrier's code, as in rate cards, shipments and status maps."""
        ...

    @property
    def name(self) -> str:
        """The carrier's name as people read it."""
        ...

    def rate(self, request: RateRequest) -> tuple[ServiceOffer, ...]:
        """One offer per service of the carrier; a service that is not offered says why."""
        ...

    def buy(self, request: LabelRequest, key: str) -> LabelBought:
        """Buy a label. The same key gets the same label again; a key used for another parcel is refused."""
        ...

    def find_purchase(self, key: str) -> PurchaseSearch:
        """Whether a label was sold under `key`. This is how an unknown purchase is settled."""
        ...

    def void(self, tracking_number: str, key: str) -> VoidAnswer:
        """Hand an unused label back. Idempotent on key."""
        ...

    def check(self, tracking_number: str) -> bool:
        """True when the text has the form and check digit of this carrier's tracking numbers."""
        ...
