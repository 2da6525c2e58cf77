"""Signed links: a purpose, a subject and an expiry under a 128-bit HMAC; no secret is stored per link."""

import base64
import hashlib
import hmac
from enum import Enum

from storekeep.kernel.clock import SECOND, Instant


class LinkCheck(Enum):
    """What a presented token turned out to be."""

    GOOD = "good"
    EXPIRED = "expired"
    FORGED = "forged"


def _mac(secret: str, purpose: str, subject: str, expires_s: int) -> str:
    message = f"{purpose}\n{subject}\n{expires_s}".encode()
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()[:16]
    return base64.b32encode(digest).decode().rstrip("=").lower()


def sign(secret: str, purpose: str, subject: str, expires_at: Instant) -> str:
    """A token for `subject` that is good for `purpose` until `expires_at` (whole seconds)."""
    expires_s = expires_at // SECOND
    return f"{expires_s:x}.{_mac(secret, purpose, subject, expires_s)}"


def check(secret: str, purpose: str, subject: str, token: str, now: Instant) -> LinkCheck:
    """Whether `token` was signed for this purpose and subject, and still holds. Compares in constant time."""
    head, _, mac = token.partition(".")
    try:
        expires_s = int(head, 16)
    except ValueError:
        expires_s = 0
    if not hmac.compare_digest(mac.encode(), _mac(secret, purpose, subject, expires_s).encode()):
        return LinkCheck.FORGED
    return LinkCheck.EXPIRED if now >= expires_s * SECOND else LinkCheck.GOOD
