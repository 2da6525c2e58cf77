"""Owns staff, what each role may do, passwords, sessions, and the brake on guessing.

It never sees what the doors show. Only hashes of passwords and of session tokens are kept.
"""

from storekeep.shop.access.login import LoggedIn, TooManyAttempts, WrongLogin, log_in
from storekeep.shop.access.passwords import hash_password, verify_password
from storekeep.shop.access.roles import PERMISSIONS, ROLES, allows, may_refund, require
from storekeep.shop.access.sessions import Session
from storekeep.shop.access.staff import NewStaff

__all__ = [
    "PERMISSIONS",
    "ROLES",
    "LoggedIn",
    "NewStaff",
    "Session",
    "TooManyAttempts",
    "WrongLogin",
    "allows",
    "hash_password",
    "log_in",
    "may_refund",
    "require",
    "verify_password",
]
