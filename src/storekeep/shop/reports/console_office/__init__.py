"""What the office half of the console reads: lists by key, one order with all that hangs on it, money, mail and queues.

SELECT only. Every list takes `after` (the key of the last row seen) and returns rows with `next_after`.
"""

from storekeep.shop.reports.console_office.counts import dashboard, nav_counts
from storekeep.shop.reports.console_office.paging import Listed, is_id

__all__ = ["Listed", "dashboard", "is_id", "nav_counts"]
