"""What a customer is told apart by, and the forms of e-mail address and name. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from storekeep.kernel.errors import Invalid

LONGEST_EMAIL = 254
LONGEST_NAME = 200
_LOCAL = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"{_LOCAL}@(?:{_LABEL}\.)+{_LABEL}")


@dataclass(frozen=True, slots=True)
class CustomerDraft:
    """Someone who buys. An empty name or phone leaves what is known."""

    email: str
    name: str = ""
    phone: str = ""


def is_email(text: str) -> bool:
    """Whether a text in its clean form is an address that mail can be sent to (ASCII, RFC 5321 lengths)."""
    return len(text) <= LONGEST_EMAIL and text.find("@") <= 64 and _EMAIL.fullmatch(text) is not None


def clean_email(text: str, path: str = "email") -> str:
    """The one form of an address: trimmed, lower case. Raises `Invalid` at `path` for what is no address."""
    email = text.strip().lower()
    if not email:
        raise Invalid(path, "Enter an e-mail address.")
    if not is_email(email):
        raise Invalid(path, "This is not an e-mail address. It looks like name@example.com.")
    return email


def clean_name(text: str, path: str = "name") -> str:
    """A name on one line, blanks single. Raises `Invalid` when it is too long."""
    name = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if len(name) > LONGEST_NAME:
        raise Invalid(path, f"The name has {len(name)} characters; at most {LONGEST_NAME} fit.")
    return name


def fold_name(text: str) -> str:
    """A name without case and accents, for finding it: "Zoë Ångström" becomes "zoe angstrom"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())
