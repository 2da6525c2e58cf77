"""How transfers say no."""

from storekeep.kernel.errors import Conflict, NotFound


class UnknownTransfer(NotFound):
    """A transfer that does not exist."""


class MoreThanSent(Conflict):
    """More arrived than was sent; whoever is sure says so, with the reason."""

    def __init__(self, sku: str, sent: int, here: int, more: int) -> None:
        super().__init__(
            f"{here + more} of {sku} are here then, and {sent} were sent. Count again; if it is so, say why"
        )
        self.sku, self.sent, self.here, self.more = sku, sent, here, more


class StillOnTheWay(Conflict):
    """The transfer cannot end while nobody has said what became of some units."""
