"""Plays a file of real invoices through the shop, in time order and virtual time, through the flows of any order.

`reading`, `planning` and `matching` are pure; `stocking` opens the shop with the file's catalogue and opening stock,
`driving` and `afterwards` run it, `report` counts twice, and `run` does all of it.
"""
