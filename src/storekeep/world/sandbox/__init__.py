"""The sandbox payment provider: a bank to practise with, in its own process, with its own database and book.

It speaks the part of Stripe's wire format that the shop needs, so that the official client talks to it unchanged.
It knows nothing of the shop and imports nothing of it. `serve.run` starts it; `app.create_app` builds it for tests.

What it does not simulate: fees, balance transactions and payouts; disputes; saved cards, customers and payment
methods; conversion; several captures per authorization; a refund object for the released rest of an authorization.
"""
