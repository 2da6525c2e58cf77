"""The owner hears what runs low: one mail a day at most, and only when something has become low since the last one."""

from storekeep.kernel.clock import local
from storekeep.kernel.db import Tx
from storekeep.shop.inventory import low
from storekeep.shop.notify import mails
from storekeep.shop.notify.compose import compose
from storekeep.shop.site import profile

#: The mail comes in the morning, by the shop's clock, and names so many at most.
FROM_HOUR, MOST = 7, 40


def look(tx: Tx) -> bool:
    """Note what is low now; from the morning on tell of what is new. True when a mail was written."""
    low.refresh(tx)
    shop = profile.load(tx)
    here = local(tx.now, shop.timezone)
    if here.hour < FROM_HOUR:
        return False
    rows = low.listed(tx)
    fresh = [row for row in rows if row.told_on is None]
    day = here.date().isoformat()
    key = f"low_stock:{day}"
    if not fresh or mails.is_known(tx, key):
        return False
    known = {
        "shop_name": shop.name,
        "heading": f"{len(fresh)} {'product runs' if len(fresh) == 1 else 'products run'} low",
        "lines": [{"qty": row.available, "level": row.level, "sku": row.sku, "title": row.title}
                  for row in fresh[:MOST]],
        "more": max(0, len(fresh) - MOST),
        "total": len(rows),
        "list_link": f"{shop.public_url}/console/low",
    }  # fmt: skip
    subject, body = compose("low_stock", known)
    mails.queue(tx, [mails.MailDraft(key, "low_stock", shop.email, subject, body)])
    low.mark_told(tx, day)
    return True
