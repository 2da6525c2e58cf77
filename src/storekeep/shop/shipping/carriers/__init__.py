"""Carriers behind one port: `base` says what a carrier must be able to do, `table` is the offline one.

This package knows addresses, parcels and prices. It never knows orders, picks or refunds, and it writes nothing.
"""

from storekeep.shop.shipping.carriers.base import (
    Carrier,
    CarrierError,
    LabelBought,
    LabelRequest,
    PurchaseSearch,
    RateRequest,
    VoidAnswer,
)
from storekeep.shop.shipping.carriers.table import TableCarrier

__all__ = [
    "Carrier",
    "CarrierError",
    "LabelBought",
    "LabelRequest",
    "PurchaseSearch",
    "RateRequest",
    "TableCarrier",
    "VoidAnswer",
]
