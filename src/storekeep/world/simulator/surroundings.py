"""Everything outside of our programs, put together for a run: bank, carriers, suppliers, post, and their books."""

from dataclasses import dataclass, field
from typing import Any

from storekeep.flows.services import Services
from storekeep.kernel.db import Database, Tx
from storekeep.shop.shipping.slips import SlipContent
from storekeep.world.simulator.cast import buyers
from storekeep.world.simulator.cast.shoppers import Street, fill
from storekeep.world.simulator.market import FILL_LIMITS, FileDemand, Market, Shelves, Visit
from storekeep.world.simulator.market.filling import fill_agreed
from storekeep.world.simulator.outside import carriers, suppliers
from storekeep.world.simulator.outside.bank_book import book_differences, money_misjudged, money_too_much
from storekeep.world.simulator.outside.labels import PlayedCarrier, label_differences, labels_unknown, played_carriers
from storekeep.world.simulator.outside.post import PlayedMailer, mail_differences
from storekeep.world.simulator.outside.provider import PlayedProvider
from storekeep.world.simulator.play import Play
from storekeep.world.simulator.programs import Ports

PUBLIC_URL = "http://simulated.example"


@dataclass(slots=True)
class Outside:
    """The outside of one run. It survives whatever happens to our programs, and its books are asked at the end."""

    play: Play
    db: Database
    market: Market
    shelves: Shelves
    link_secret: str
    bank: PlayedProvider = field(init=False)
    post: PlayedMailer = field(init=False)
    carriers: dict[str, PlayedCarrier] = field(init=False)

    def __post_init__(self) -> None:
        self.bank = PlayedProvider(self.play)
        self.post = PlayedMailer(self.play)
        self.carriers = played_carriers(self.play, self.market.carriers())
        self.play.carriers = {code: each.inner for code, each in self.carriers.items()}

    def services(self, ports: Ports) -> Services:
        """The ports to the outside as one program of ours has them."""
        return Services(
            db=self.db,
            providers={self.bank.name: self.bank.seen_by(ports)},
            provider=self.bank.name,
            mailer=self.post.seen_by(ports),
            carriers={code: each.seen_by(ports) for code, each in self.carriers.items()},
            link_secret=self.link_secret,
            public_url=PUBLIC_URL,
            slip=plain_slip,
        )

    def street(self) -> Street:
        """Where shoppers fill their carts and pay."""
        market = self.market
        if not isinstance(market, FileDemand):
            return Street(self.bank.till, fill)

        def agreed(tx: Tx, visit: Visit, token: str) -> str | None:
            return fill_agreed(tx, market, self.shelves, visit, token)

        return Street(self.bank.till, agreed, FILL_LIMITS["quantity_limit"])

    def people(self) -> None:
        """Bring the outside to life."""
        rhythm = self.play.rhythm
        self.play.spawn("provider", self.bank.deliver)
        self.play.spawn("provider's trouble", self.bank.break_down)
        self.play.every("carriers", rhythm.report_every, carriers.report)
        supplied = suppliers.Suppliers()
        self.play.every("suppliers", rhythm.suppliers_every, supplied.order)
        self.play.every("buyer", rhythm.suppliers_every, buyers.from_board)

    def differences(self, tx: Tx) -> list[tuple[str, list[str]]]:
        """What the books of the outside and ours disagree on, by oracle."""
        found: list[tuple[str, Any]] = [
            ("X1 provider", book_differences(tx, self.bank)),
            ("X1 labels", label_differences(tx, self.carriers)),
            ("X1 mail", mail_differences(tx, self.post)),
        ]
        return found

    def doubts(self, tx: Tx) -> set[str]:
        """What the books of the outside and ours may disagree on for some hours, but never for a day."""
        return {
            *money_too_much(tx, self.bank),
            *money_misjudged(tx, self.bank),
            *labels_unknown(tx, self.carriers),
        }


def plain_slip(content: SlipContent) -> bytes:
    """A packing slip that nobody will print."""
    return f"Packing slip of order {content.order_number}".encode()
