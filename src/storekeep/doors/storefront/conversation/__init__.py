"""A conversation with the shop behind its signed link."""
