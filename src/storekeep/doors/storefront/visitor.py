"""The shopper's cookie and the cart behind it.

The cookie `__Host-shop` holds a random token; the database knows only its SHA-256. A token belongs to one cart for
ever, so that its id may be remembered in memory.
"""

import hashlib
import secrets
from typing import Any

from storekeep.doors.web import Req
from storekeep.kernel.db import Tx
from storekeep.shop.orders import carts
from storekeep.shop.reports import storefront


def new_token() -> str:
    """A token that nobody can guess: 192 random bits."""
    return secrets.token_urlsafe(24)


def hash_of(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def cart_of(tx: Tx, req: Req) -> Any | None:
    """The cart row of this visitor, placed or not; None without a cookie or for one that we do not know."""
    token = req.session_id
    return carts.by_token(tx, hash_of(token)) if token and len(token) <= 200 else None


def open_cart_of(tx: Tx, req: Req) -> Any | None:
    """The visitor's cart as long as it did not become an order."""
    cart = cart_of(tx, req)
    return None if cart is None or storefront.order_of_cart(tx, cart.id) is not None else cart
