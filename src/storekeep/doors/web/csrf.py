"""Two layers against forged requests.

Layer 1 holds for every unsafe request: the browser itself must say that it comes from our own pages.
Layer 2 adds a form token bound to the session; cached pages cannot carry one and rely on layer 1 alone.
The token is salted anew each time, so compressing a page leaks nothing about it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping

FIELD = "_token"
HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_SALT_HEX = 24


def is_same_origin(headers: Mapping[str, str], origins: Collection[str]) -> bool:
    """Layer 1: `Sec-Fetch-Site: same-origin`, or one of our origins where that header is missing.

    Header names are lower case. A request that carries neither header is refused.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin", "null").rstrip("/") in origins


def _mark(key: bytes, session_id: str | None, salt: str) -> str:
    # The prefix keeps a guest's empty session apart from a session that is literally named like it.
    bound = "guest:" if session_id is None else f"session:{session_id}"
    return hmac.new(key, f"{salt}|{bound}".encode(), hashlib.sha256).hexdigest()


def make_token(key: bytes, session_id: str | None) -> str:
    """A form token for this session. Every call gives another text; all stay valid as long as the session."""
    salt = secrets.token_hex(_SALT_HEX // 2)
    return salt + _mark(key, session_id, salt)


def is_valid_token(key: bytes, session_id: str | None, token: str) -> bool:
    """Layer 2: whether the token was made for this session with this key. Compared in constant time."""
    salt, mark = token[:_SALT_HEX], token[_SALT_HEX:]
    if len(salt) != _SALT_HEX or not token.isascii():
        return False
    return hmac.compare_digest(mark, _mark(key, session_id, salt))
