"""Owns goods on their way back: what was announced, what came, and what became of it, line by line.

It moves neither goods nor money: the flow posts them in the same transaction. Receiving and refunding are separate
facts, and no verb here knows a price.
"""
