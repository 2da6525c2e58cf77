"""Owns buying: suppliers and their terms, purchase orders, what was counted at the door, and suppliers' invoices.

It moves neither goods nor money: the flows `purchase`, `receipts`, `supplier_invoices` and `send_back` post both in the
same transaction. Prices are in 1/10,000 of a minor unit, without tax, in the shop's own currency.
"""
