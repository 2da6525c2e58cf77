"""`storekeep verify`: recomputes every number from ledger rows alone and names the rows that disagree.

It reads tables and lifecycles only, never the code that wrote what it checks, and it never writes. The invariants are
listed in docs/invariants.md.
"""

from storekeep.shop.reports.verify.model import Finding, Invariant, Offender, Report, Result
from storekeep.shop.reports.verify.run import INVARIANTS, chosen, run
from storekeep.shop.reports.verify.watcher import Watcher

__all__ = ["INVARIANTS", "Finding", "Invariant", "Offender", "Report", "Result", "Watcher", "chosen", "run"]
