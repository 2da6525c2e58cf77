"""Shoppers, hands and carriers that keep a demo shop moving."""
