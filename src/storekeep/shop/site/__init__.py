"""Owns the shop's profile (name, address, currency, policies) and the pages that its owner writes.

It never knows products or orders. Everything an anonymous page shows of it is covered by `revision`.
"""

from storekeep.shop.site.markdown import to_html
from storekeep.shop.site.profile import ShopProfile, load, save

__all__ = ["ShopProfile", "load", "save", "to_html"]
