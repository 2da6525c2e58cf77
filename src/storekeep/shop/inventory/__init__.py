"""The goods ledger: every unit moves from a location to a location, and every count is a cache of moves."""
