"""Carts of visits whose prices were agreed long ago, as a file of real order lines has them."""

from sqlalchemy import select

from storekeep.kernel.clock import HOUR
from storekeep.kernel.db import Tx
from storekeep.shop.orders import filling
from storekeep.shop.orders.tables import cart
from storekeep.world.simulator.market.file import FILL_LIMITS, FileDemand
from storekeep.world.simulator.market.model import Shelves, Visit


def fill_agreed(tx: Tx, market: FileDemand, shelves: Shelves, visit: Visit, token: str) -> str | None:
    """A cart with the visit's lines at their agreed prices; the same visit gets the same cart again."""
    made = market.full_cart(visit, shelves, tx.now + 24 * HOUR)
    known = tx.scalar(select(cart.c.id).where(cart.c.token_hash == made.token_hash))
    if known is not None:
        return str(known)
    return filling.fill(tx, [made], **FILL_LIMITS)[0]
