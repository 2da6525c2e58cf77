"""How the goods ledger says no."""

from storekeep.kernel.errors import Conflict, NotFound


class UnknownVariant(NotFound):
    """A SKU or variant that the catalogue does not have."""


class UnknownLocation(NotFound):
    """A location or warehouse that does not exist."""


class UnknownLot(NotFound):
    """A lot that does not exist."""


class LotNotGood(Conflict):
    """The lot is on hold, recalled or expired, so this cannot be done with it."""


class NotEnoughStock(Conflict):
    """An owned place would hold fewer than no units."""

    def __init__(self, sku: str, location_code: str, wanted: int, there: int, *, free: bool = False) -> None:
        word = "free " if free else ""
        super().__init__(f"{location_code} holds {there} {word}of {sku}; {wanted} cannot be taken from it")
        self.sku, self.location_code, self.wanted, self.there = sku, location_code, wanted, there


class CountChanged(Conflict):
    """The balance is not what the person saw; the message says what moved since."""


class NotToBePicked(Conflict):
    """The line has fewer units waiting at that bin than were scanned."""


class LocationClosed(Conflict):
    """Nothing may be brought to a place that is closed."""


class GuardFailed(AssertionError):
    """The stock guard refused what the plan had allowed: a fault of ours, and everything is rolled back."""
