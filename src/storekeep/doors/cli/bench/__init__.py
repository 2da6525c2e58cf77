"""The measuring bench: a shop of its own, a server, a load driver in another process, and a bare loop to compare with.

Nothing here is used by a shop that is open; everything measured is the shop's own code, unchanged.
"""
