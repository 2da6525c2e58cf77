"""Plays a file of real invoices through the shop: catalogue and opening stock from the file, then every document in time
order, in virtual time, through the flows that a shopper's order takes.

`reading` and `planning` and `matching` are pure; `stocking` opens the shop, `driving` runs it, `report` counts twice.
"""
