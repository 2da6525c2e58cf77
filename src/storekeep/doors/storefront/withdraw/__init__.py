"""The door to withdraw from a contract: no log-in, no reason, a receipt at once."""
