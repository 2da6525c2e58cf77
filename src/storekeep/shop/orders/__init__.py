"""Carts and orders: snapshots, money parts, adjustments, timeline, and the statuses derived from them.

It never moves goods or money itself: flows do, and hand the facts back to `store.refresh`.
"""
