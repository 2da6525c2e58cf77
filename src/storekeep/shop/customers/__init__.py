"""Owns the people who bought: one row per e-mail address, in one form (trimmed, lower case).

It never knows orders; an order keeps its own copies of name and address.
"""

from storekeep.shop.customers.model import CustomerDraft, clean_email, fold_name, is_email
from storekeep.shop.customers.people import change, upsert
from storekeep.shop.customers.queries import CustomerPage, find, get

__all__ = [
    "CustomerDraft",
    "CustomerPage",
    "change",
    "clean_email",
    "find",
    "fold_name",
    "get",
    "is_email",
    "upsert",
]
