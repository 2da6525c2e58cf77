"""Bugs planted on purpose, to see whether the simulated shop finds them. Nothing here is part of the shop."""
