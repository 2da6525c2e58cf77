"""Passwords: argon2id with the parameters below, at least 12 characters, nothing common.

Hashing takes tens of milliseconds and as many megabytes on purpose, so it happens outside transactions, and only a few
at a time.
"""

import threading
from functools import lru_cache
from importlib import resources

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from storekeep.kernel.errors import Invalid

SHORTEST, LONGEST = 12, 256
#: OWASP's first choice for argon2id: 46 MiB, one pass, one lane.
_hasher = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
_turn = threading.BoundedSemaphore(4)


def check_password(password: str, *, about: tuple[str, ...] = (), path: str = "password") -> None:
    """Raise `Invalid` at `path` for a password that is too short, too long, common, or made of the words in `about`.

    `about` are words an attacker would try first: the shop's name, the person's name and address.
    """
    if len(password) < SHORTEST:
        raise Invalid(path, f"The password has {len(password)} characters; use at least {SHORTEST}.")
    if len(password) > LONGEST:
        raise Invalid(path, f"The password has {len(password)} characters; at most {LONGEST} are possible.")
    folded = password.casefold()
    plain = "".join(char for char in folded if char.isalnum())
    if folded in _common() or plain in _common() or len(set(folded)) < 5:
        raise Invalid(path, "This password is among the first that are guessed. Use a few words of your own.")
    rest = plain
    for word in about:
        part = "".join(char for char in word.casefold() if char.isalnum())
        rest = rest.replace(part, "") if len(part) > 3 else rest
    if len(rest.strip("0123456789")) < 4 and len(rest) < len(plain):
        raise Invalid(path, "This password is made of your own or the shop's name. Use a few other words.")


def hash_password(password: str, *, about: tuple[str, ...] = (), path: str = "password") -> str:
    """Check a new password and return its hash. Raises `Invalid` at `path`. Call it outside a transaction."""
    check_password(password, about=about, path=path)
    with _turn:
        return _hasher.hash(password)


def verify_password(stored: str, password: str) -> bool:
    """Whether this is the password of the stored hash. A broken hash or an overlong password is simply wrong."""
    if len(password) > LONGEST:
        return False
    try:
        with _turn:
            return _hasher.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether a hash was made with older parameters; after a good log-in it is replaced."""
    return _hasher.check_needs_rehash(stored)


def rehash(password: str) -> str:
    """The hash of a password that was just found right, with today's parameters."""
    with _turn:
        return _hasher.hash(password)


@lru_cache(maxsize=1)
def dummy_hash() -> str:
    """A hash nobody has the password of, so that an unknown name takes as long as a wrong password."""
    with _turn:
        return _hasher.hash("nobody has this password")


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    text = resources.files(__package__).joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))
