"""Payments, refunds and the money ledger. It knows an order only as an id and an amount."""
