"""The cookies of the two doors, and the two small helpers among them.

`__Host-` makes browsers insist on Secure, path `/` and no domain, so no neighbour host can plant one.
Ports share cookies, therefore shop and staff have different names.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

from starlette.responses import Response

SHOP = "__Host-shop"
STAFF = "__Host-staff"
NOTICE = "__Host-notice"
CART_COUNT = "cart_count"


def set_session(response: Response, name: str, value: str, max_age_s: int | None = None) -> None:
    """Give the browser its session cookie: Secure, HttpOnly, Lax; until the browser closes unless aged."""
    response.set_cookie(name, value, max_age=max_age_s, path="/", secure=True, httponly=True, samesite="lax")


def drop(response: Response, name: str) -> None:
    """Take a `__Host-` cookie back."""
    response.set_cookie(name, "", max_age=0, path="/", secure=True, httponly=True, samesite="lax")


def set_cart_count(response: Response, count: int) -> None:
    """Tell the cart link its number. Script reads this cookie, so it holds a number and nothing else."""
    shown = str(max(0, min(int(count), 9999)))
    response.set_cookie(CART_COUNT, shown, max_age=60 * 60 * 24 * 30, path="/", secure=True, samesite="lax")


def set_notice(response: Response, text: str) -> None:
    """Carry one sentence over a redirect ("Saved."). Shown once, as plain text."""
    response.set_cookie(NOTICE, quote(text[:300]), max_age=60, path="/", secure=True, httponly=True, samesite="lax")


def read_notice(value: str | None) -> str:
    """The sentence carried by `set_notice`, or an empty string; control characters are dropped."""
    text = unquote(value or "")[:300]
    return "".join(ch for ch in text if ch.isprintable())
