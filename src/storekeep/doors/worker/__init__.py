"""The processes that empty the queues."""
