"""The storefront: what shoppers see, from the first page to the parcel at the door.

It owns pages, addresses and the shopper's cookie. It changes nothing by itself: every change is a flow.
"""

from storekeep.doors.storefront.routes import TEMPLATES, build

__all__ = ["TEMPLATES", "build"]
