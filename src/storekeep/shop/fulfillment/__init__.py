"""Owns the warehouse's work on one location's share of one order: what to pick and pack, and every scan made on it.

It knows orders, lines and variants as ids with copied words. It never moves goods or money: `flows.floor`,
`flows.packing` and `flows.dispatch` do, and tell it what was done.
"""
