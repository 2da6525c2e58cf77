"""What a payment provider tells us: believed to be its own when the signature fits, stored raw, worked on after."""

from collections.abc import Mapping

from storekeep.flows.services import Services
from storekeep.kernel import inbox
from storekeep.kernel.errors import StorekeepError


class UnknownProvider(StorekeepError):
    """Nobody here has set up a payment provider of this name."""


def hear_payment(services: Services, provider: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Store a provider's event; returns 1, or 0 when it came before.

    Raises `UnknownProvider`, and `BadSignature` when the signature is wrong or too old.
    """
    adapter = services.providers.get(provider)
    if adapter is None:
        raise UnknownProvider(f"there is no payment provider {provider}")
    event = adapter.verify_webhook(body, headers, services.db.clock.now())
    told = {
        "provider": provider,
        "type": event.type,
        "session_ref": event.session_ref or "",
        "payment_ref": event.payment_ref or "",
    }
    arrival = inbox.Arrival(provider, event.event_id, "payment.webhook", body.decode(), told, "money")
    with services.db.begin(actor="provider") as tx:
        return inbox.store(tx, [arrival])
