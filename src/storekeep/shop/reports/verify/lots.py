"""G8: lots. What is not good is on hand and never promised, a lot has one variant and one expiry, and its day counts."""

from storekeep.shop.reports.verify.model import Invariant, Offender
from storekeep.shop.reports.verify.levels import NO_LOT
from storekeep.shop.reports.verify.scope import VARIANTS, Scope
from storekeep.shop.reports.verify.sql import Found, Rule, checks
