"""Brings every table of the shop onto the one MetaData, for migrations, checks and tests."""

import storekeep.kernel.numbers
import storekeep.kernel.tables
import storekeep.shop.access.tables
import storekeep.shop.catalog.tables
import storekeep.shop.customers.tables
import storekeep.shop.fulfillment.tables
import storekeep.shop.inventory.tables
import storekeep.shop.notify.tables
import storekeep.shop.orders.tables
import storekeep.shop.payments.tables
import storekeep.shop.pricing.tables
import storekeep.shop.purchasing.tables
import storekeep.shop.replenishment.tables
import storekeep.shop.returns.tables
import storekeep.shop.shipping.tables
import storekeep.shop.site.tables
import storekeep.shop.support.tables
import storekeep.shop.transfers.tables  # noqa: F401
from storekeep.kernel.schema import metadata

__all__ = ["metadata"]
