"""`storekeep explain`: the rows that make a number, summing to it.

It reads tables only, never the code that wrote the numbers, and it never writes.
"""

from storekeep.shop.reports.explain.model import Explanation, Number, Row
from storekeep.shop.reports.explain.money import payment
from storekeep.shop.reports.explain.orders import order
from storekeep.shop.reports.explain.stock import stock

__all__ = ["Explanation", "Number", "Row", "order", "payment", "stock"]
