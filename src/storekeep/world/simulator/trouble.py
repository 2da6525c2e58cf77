"""What goes wrong, and how often. A seed draws its own subset and rates from a profile: no two runs look alike."""

import random
from dataclasses import dataclass, fields, replace

from storekeep.kernel.errors import StorekeepError

PROFILES = ("none", "calm", "hostile")


class UnknownProfile(StorekeepError):
    """There is no fault profile of this name."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Chances, each between 0 and 1: of a shopper, parcel, call, delivery, transaction ... of its kind."""

    # Shoppers
    double_click: float = 0.0
    pays_twice: float = 0.0
    greedy: float = 0.0
    leaves_checkout: float = 0.0
    abandons_page: float = 0.0
    cancels_unpaid: float = 0.0
    cancels: float = 0.0
    wants_less: float = 0.0
    returns: float = 0.0
    complains: float = 0.0
    # Money
    declined: float = 0.0
    challenged: float = 0.0
    settles_late: float = 0.0
    timeout_before: float = 0.0
    timeout_after: float = 0.0
    money_timeout: float = 0.0
    unavailable: float = 0.0
    provider_down_days: float = 0.0
    capture_slow: float = 0.0
    webhook_lost: float = 0.0
    webhook_doubled: float = 0.0
    webhook_late: float = 0.0
    webhook_forged: float = 0.0
    refund_fails_late: float = 0.0
    # Warehouse
    mis_scan: float = 0.0
    short_pick: float = 0.0
    gives_up_work: float = 0.0
    short_round: float = 0.0
    # Carriers
    label_timeout_before: float = 0.0
    label_timeout_after: float = 0.0
    parcel_unseen: float = 0.0
    parcel_late: float = 0.0
    parcel_silent: float = 0.0
    parcel_lost: float = 0.0
    parcel_damaged: float = 0.0
    false_delivery: float = 0.0
    scan_doubled: float = 0.0
    scan_out_of_order: float = 0.0
    # Suppliers
    supplier_late: float = 0.0
    supplier_short: float = 0.0
    supplier_over: float = 0.0
    supplier_damaged: float = 0.0
    supplier_wrong: float = 0.0
    supplier_charges_wrong: float = 0.0
    # Mail
    mail_delayed: float = 0.0
    mail_bounced: float = 0.0
    mail_answer_lost: float = 0.0
    # Inside us: per port passed, per transaction, per day
    killed: float = 0.0
    statement_fails: float = 0.0
    slow_call: float = 0.0
    disk_full_days: float = 0.0
    clock_jump_days: float = 0.0
    staff_disabled_days: float = 0.0
    # Shelves: per chance of a thief, and per item counted
    goods_vanish: float = 0.0
    miscount: float = 0.0
    # Lots: per delivery of dated goods, per look at them
    supplier_old_stock: float = 0.0
    lot_goes_bad: float = 0.0
    # At the restock board (last, so that a seed draws what it drew before there was one)
    buyer_changes: float = 0.0
    buyer_presses_twice: float = 0.0
    # Of carts
    leaves_cart: float = 0.0
    # Per chance of a thief (last for the same reason)
    goods_mislabeled: float = 0.0
    # Selling before goods are here: per day of the owner, per waiting order and day
    sells_early: float = 0.0
    owner_changes_limits: float = 0.0
    gives_up_waiting: float = 0.0
    # Sold out: per shopper who misses something, per mail that asks for a word
    signs_up: float = 0.0
    never_confirms: float = 0.0
    wants_no_more_mail: float = 0.0
    # What goods cost: per order delivered, per freight bill, per look of the owner
    supplier_reprices: float = 0.0
    freight_charged: float = 0.0
    freight_charged_twice: float = 0.0
    owner_changes_costing: float = 0.0
    # Between two warehouses: per chance of a lorry, and per line that it unloads
    lorry_goes: float = 0.0
    lorry_loses: float = 0.0
    lorry_breaks: float = 0.0
    lorry_brings_more: float = 0.0


#: About three orders in a hundred have some trouble, and our own machines behave.
CALM = Trouble(
    double_click=0.01, pays_twice=0.002, greedy=0.01, leaves_checkout=0.02, abandons_page=0.02,
    cancels_unpaid=0.002, cancels=0.01, wants_less=0.002, returns=0.015, complains=0.01,
    declined=0.02, challenged=0.04, settles_late=0.005, timeout_before=0.0005, timeout_after=0.0005,
    money_timeout=0.001, provider_down_days=0.01, capture_slow=0.001,
    webhook_lost=0.001, webhook_doubled=0.005, webhook_late=0.005, refund_fails_late=0.005,
    mis_scan=0.01, short_pick=0.001, gives_up_work=0.002, short_round=0.01,
    label_timeout_before=0.0005, label_timeout_after=0.0005, parcel_unseen=0.001,
    parcel_late=0.02, parcel_silent=0.003, parcel_lost=0.002,
    parcel_damaged=0.002, false_delivery=0.001, scan_doubled=0.005, scan_out_of_order=0.005,
    supplier_late=0.1, supplier_short=0.05, supplier_over=0.02, supplier_damaged=0.01, supplier_wrong=0.02,
    supplier_charges_wrong=0.03,
    mail_delayed=0.005, mail_bounced=0.002, mail_answer_lost=0.001, slow_call=0.01,
    goods_vanish=0.1, miscount=0.02, supplier_old_stock=0.02, lot_goes_bad=0.02,
    buyer_changes=0.1, buyer_presses_twice=0.02, leaves_cart=0.01, goods_mislabeled=0.02,
    sells_early=0.1, owner_changes_limits=0.02, gives_up_waiting=0.02,
    signs_up=0.1, never_confirms=0.2, wants_no_more_mail=0.05,
    supplier_reprices=0.2, freight_charged=0.4,
    freight_charged_twice=0.02,
)  # fmt: skip

#: Everything, and our own programs die, fail and run out of disk as well.
HOSTILE = Trouble(
    double_click=0.03, pays_twice=0.02, greedy=0.03, leaves_checkout=0.06, abandons_page=0.03, cancels_unpaid=0.02,
    cancels=0.04, wants_less=0.03, returns=0.08, complains=0.06,
    declined=0.04, challenged=0.06, settles_late=0.02, timeout_before=0.02, timeout_after=0.02, unavailable=0.01,
    money_timeout=0.08, provider_down_days=0.2, capture_slow=0.03,
    webhook_lost=0.02, webhook_doubled=0.03, webhook_late=0.03, webhook_forged=0.005, refund_fails_late=0.08,
    mis_scan=0.02, short_pick=0.02, gives_up_work=0.01, short_round=0.5,
    label_timeout_before=0.02, label_timeout_after=0.02, parcel_unseen=0.01, parcel_late=0.04, parcel_silent=0.01,
    parcel_lost=0.008, parcel_damaged=0.008, false_delivery=0.005, scan_doubled=0.02, scan_out_of_order=0.03,
    supplier_late=0.2, supplier_short=0.1, supplier_over=0.05, supplier_damaged=0.03, supplier_wrong=0.1,
    supplier_charges_wrong=0.15,
    mail_delayed=0.02, mail_bounced=0.005, mail_answer_lost=0.01,
    killed=0.0003, statement_fails=0.001, slow_call=0.03, disk_full_days=0.03, clock_jump_days=0.05,
    staff_disabled_days=0.03, goods_vanish=0.4, miscount=0.06, supplier_old_stock=0.15, lot_goes_bad=0.3,
    buyer_changes=0.2, buyer_presses_twice=0.2, leaves_cart=0.1, goods_mislabeled=0.2,
    sells_early=0.6, owner_changes_limits=0.4, gives_up_waiting=0.08,
    signs_up=0.5, never_confirms=0.3, wants_no_more_mail=0.2,
    supplier_reprices=0.5, freight_charged=0.7, freight_charged_twice=0.3,
    owner_changes_costing=0.15,
    lorry_goes=0.8, lorry_loses=0.15, lorry_breaks=0.1, lorry_brings_more=0.05,
)  # fmt: skip


def draw(profile: str, rng: random.Random) -> Trouble:
    """The troubles of one run. `hostile` leaves about one kind in six out and scales the others by 0.3 to 2.

    Raises `UnknownProfile` for a name that is none of `PROFILES`.
    """
    if profile not in PROFILES:
        raise UnknownProfile(f"there is no fault profile {profile!r}; there are {', '.join(PROFILES)}")
    if profile == "none":
        return Trouble()
    if profile == "calm":
        return CALM
    return replace(HOSTILE, **{each.name: _scaled(getattr(HOSTILE, each.name), rng) for each in fields(HOSTILE)})


def _scaled(chance: float, rng: random.Random) -> float:
    left_out = rng.random() < 1 / 6
    factor = rng.uniform(0.3, 2.0)
    return 0.0 if left_out else min(1.0, chance * factor)
