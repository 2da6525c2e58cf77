"""Owns transfers: goods on their way from one warehouse of ours to another, and what became of each unit on the way.

The goods themselves are the inventory's: what was sent stands in the transit place of the warehouse it goes to until it
is received, lost or brought back. Money is the flow's: values are returned for it to post.
"""
