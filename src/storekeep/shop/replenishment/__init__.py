"""Owns the mathematics of what to order and when: levels, spreads, lead times, order-up-to levels, and their back-test.

So far it is pure: numbers in, numbers out, no table. numpy is imported inside this package only, and by whoever calls
its modules at the moment of the call; so nothing is re-exported here, and opening the shop does not load it.
"""
