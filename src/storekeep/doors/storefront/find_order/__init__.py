"""A fresh link to an order for those who lost theirs."""
