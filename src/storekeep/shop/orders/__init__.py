"""Carts and orders: snapshots, parts, derived statuses."""
