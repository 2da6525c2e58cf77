"""Owns the goods: locations, the append-only ledger of stock moves, what is available, and who has reserved it.

Every unit is in exactly one location; balances, availability and cost pools are caches written with the moves. Only
`moves.post` moves goods and only `reservations` promises them. This package knows orders, carts and fulfillments by id
alone, never talks to the outside, and never touches money: values are returned for the flow to post.
"""
