"""The provider in memory with a witness: it writes down, in order, everything that the shop was told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from storekeep.shop.payments.providers import MemoryProvider
from storekeep.shop.payments.providers.base import ProviderPayment, ProviderRefund, ProviderRefused, SessionOpened

T = TypeVar("T")


@dataclass(frozen=True)
class Told:
    """An answer that reached the shop; `about` is the attempt (payments) or refund that was asked about."""

    operation: str
    about: str
    answer: Any


class WitnessedProvider(MemoryProvider):
    """An answer that was lost on the way (a time-out) is not written down: the shop did not hear it."""

    def __init__(self, clock: Callable[[], int]) -> None:
        super().__init__(clock, name="memory")
        self.log: list[Told] = []

    def heard(self) -> list[Told]:
        """Take what was written down since the last time."""
        taken, self.log = self.log, []
        return taken

    def is_well_again(self) -> None:
        """Forget troubles that nobody ran into."""
        self._troubles.clear()

    def open_session(self, **asked: Any) -> SessionOpened:
        opened = super().open_session(**asked)
        self.log.append(Told("open", asked["attempt_id"], opened))
        return opened

    def read(self, session_ref: str | None = None, payment_ref: str | None = None) -> ProviderPayment:
        return self._seen(super().read(session_ref, payment_ref))

    def find(self, attempt_id: str, created_after: int) -> ProviderPayment | None:
        found = super().find(attempt_id, created_after)
        return found and self._seen(found)

    def capture(
        self, payment_ref: str, amount_minor: int, key: str, *, currency: str | None = None
    ) -> ProviderPayment:
        return self._seen(super().capture(payment_ref, amount_minor, key, currency=currency))

    def void(self, *, key: str, payment_ref: str | None = None, session_ref: str | None = None) -> ProviderPayment:
        return self._seen(super().void(key=key, payment_ref=payment_ref, session_ref=session_ref))

    def refund(
        self, payment_ref: str, amount_minor: int, key: str, refund_id: str, *, currency: str | None = None
    ) -> ProviderRefund:
        try:
            made = super().refund(payment_ref, amount_minor, key, refund_id, currency=currency)
        except ProviderRefused:
            self.log.append(Told("refund", refund_id, None))
            raise
        self.log.append(Told("refund", refund_id, made))
        return made

    def _seen(self, shown: ProviderPayment) -> ProviderPayment:
        assert shown.attempt_id is not None
        self.log.append(Told("payment", shown.attempt_id, shown))
        return shown
