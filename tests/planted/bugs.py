"""All planted bugs, in one list.

Rules for adding one: it is written before anybody looks at which check would find it; it raises nothing by itself; an
ordinary order still goes through. What the schema refuses to store (a second row for one cart, webhook, scan, mail or
ledger key; more refunded than captured; less than nothing on a shelf) cannot be planted silently and is not here.
"""

from planted.bug import Bug
from planted.goods import GOODS
from planted.money import MONEY
from planted.ways import WAYS

BUGS: tuple[Bug, ...] = (*GOODS, *MONEY, *WAYS)
BY_NAME = {bug.name: bug for bug in BUGS}
