"""Somebody misses something that is sold out: they sign up, confirm, and get one mail when it can be bought again.

No more people are told than there are units, so that nobody is called for nothing; the others hear of it a day later,
if something is left.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from storekeep.flows.telling import link_secret
from storekeep.kernel import links
from storekeep.kernel.clock import DAY, Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid
from storekeep.shop.catalog.lookups import variants_by_ids
from storekeep.shop.customers import signups
from storekeep.shop.customers.tables import stock_signup
from storekeep.shop.inventory.queries import availability_of
from storekeep.shop.notify import mails
from storekeep.shop.notify.compose import compose
from storekeep.shop.site import profile

PURPOSE = "stock_signup"
LINK_LIFE: Instant = 365 * DAY
#: The mail that asks for a yes goes out at most once in this time, however often somebody types an address.
PAUSE: Instant = DAY
_S = stock_signup.c


def sign_up(tx: Tx, variant_id: str, email: str) -> str:
    """Somebody types an address on a sold-out product; returns the sign-up's id. Only a confirmed one is ever told.

    Raises `Invalid` at `email`, and at `variant` for what is not sold or can be bought now.
    """
    facts = variants_by_ids(tx, [variant_id]).get(variant_id)
    if facts is None or not facts.is_sellable:
        raise Invalid("variant", "This is not sold any more.")
    if availability_of(tx, [variant_id])[variant_id].available > 0:
        raise Invalid("variant", "This can be bought now.")
    row = signups.ask(tx, variant_id, email)
    if row.status == "asked":
        shop = profile.load(tx)
        known = {"shop_name": shop.name, "title": facts.full_title, "signup_link": link(tx, row.id, shop.public_url)}
        subject, body = compose("stock_signup", known)
        key = f"stock_signup:{row.id}:{tx.now // PAUSE}"
        mails.queue(tx, [mails.MailDraft(key, "stock_signup", row.email, subject, body)])
    return str(row.id)


def link(tx: Tx, signup_id: str, public_url: str) -> str:
    """The signed address where a sign-up is confirmed and ended."""
    return f"{public_url}/tell-me/{signup_id}/{links.sign(link_secret(tx), PURPOSE, signup_id, tx.now + LINK_LIFE)}"


def tell(tx: Tx, limit: int = 200) -> int:
    """Write to those who wait for what is here again, whoever confirmed first; returns how many."""
    waiting = tx.rows(
        select(_S.variant_id).where(_S.status == "confirmed").group_by(_S.variant_id).order_by(_S.variant_id)
    )
    wanted = [row.variant_id for row in waiting]
    if not wanted:
        return 0
    free = {each: one.available for each, one in availability_of(tx, wanted).items() if one.available > 0}
    facts = {each: one for each, one in variants_by_ids(tx, list(free)).items() if one.is_sellable}
    chosen = _chosen(tx, {each: free[each] for each in facts}, limit)
    if not chosen:
        return 0
    shop = profile.load(tx)
    drafts = []
    for row in chosen:
        one = facts[row.variant_id]
        known = {
            "shop_name": shop.name, "title": one.full_title, "signup_link": link(tx, row.id, shop.public_url),
            "product_link": f"{shop.public_url}/products/{one.slug}?variant={one.sku}",
        }  # fmt: skip
        subject, body = compose("back_in_stock", known)
        drafts.append(mails.MailDraft(f"back_in_stock:{row.id}", "back_in_stock", row.email, subject, body))
    mails.queue(tx, drafts)
    signups.mark_told(tx, [row.id for row in chosen])
    return len(chosen)


def _chosen(tx: Tx, free: dict[str, int], limit: int) -> Sequence[Any]:
    """The first to have confirmed of each variant, as many as there are units for, less those told within a day."""
    if not free:
        return []
    told = tx.rows(
        select(_S.variant_id, func.count().label("people"))
        .where(_S.variant_id.in_(list(free)), _S.status == "told", _S.told_at > tx.now - DAY)
        .group_by(_S.variant_id)
    )
    left = dict(free)
    for row in told:
        left[row.variant_id] -= row.people
    place = func.row_number().over(partition_by=_S.variant_id, order_by=(_S.confirmed_at, _S.id)).label("place")
    ranked = (
        select(_S.id, _S.variant_id, _S.email, place)
        .where(_S.status == "confirmed", _S.variant_id.in_([each for each, units in left.items() if units > 0]))
        .subquery("ranked")
    )
    most = max(left.values(), default=0)
    rows = tx.rows(select(ranked).where(ranked.c.place <= most).order_by(ranked.c.place, ranked.c.id).limit(limit * 4))
    return [row for row in rows if row.place <= left[row.variant_id]][:limit]
