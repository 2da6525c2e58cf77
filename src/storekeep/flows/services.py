"""What flows need of the outside, in one frozen bundle: providers, the mailer, the carrier, secrets and addresses."""

from collections.abc import Mapping
from dataclasses import dataclass

from storekeep.kernel import links
from storekeep.kernel.clock import DAY, Instant
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Conflict
from storekeep.shop.notify.sender import Mailer
from storekeep.shop.payments.providers.base import PaymentProvider
from storekeep.shop.shipping.carriers.base import Carrier
from storekeep.shop.shipping.slips import RenderSlip, render_slip

ORDER_LINK_LIFE: Instant = 180 * DAY


@dataclass(frozen=True, slots=True)
class Services:
    """The shop's ports. `provider` is the name of the payment provider that new orders use."""

    db: Database
    providers: Mapping[str, PaymentProvider]
    provider: str
    mailer: Mailer
    carriers: Mapping[str, Carrier]
    link_secret: str
    public_url: str
    #: How packing slips are drawn
    slip: RenderSlip = render_slip

    def provider_of(self, name: str) -> PaymentProvider:
        """The provider of this name; `Conflict` that says what to set when the shop has none."""
        found = self.providers.get(name)
        if found is None:
            raise Conflict(f"no payment provider {name!r} is set up here; set STRIPE_API_KEY and start again")
        return found

    def order_link(self, order_id: str, number: int, now: Instant) -> str:
        """The signed address of an order's page."""
        return order_link(self.public_url, self.link_secret, order_id, number, now)


def order_link(public_url: str, secret: str, order_id: str, number: int, now: Instant) -> str:
    """The signed address of an order's page, good for half a year."""
    token = links.sign(secret, "order", order_id, now + ORDER_LINK_LIFE)
    return f"{public_url}/orders/{number}/{token}"
