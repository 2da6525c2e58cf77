"""Owns conversations with customers, the cases the shop opened itself, notes for colleagues, and remedies as records.

It never moves goods or money and never sends a mail: flows do, and hand over the ids. A note has a table and a path of
its own, so that no query for messages can ever meet one.
"""
