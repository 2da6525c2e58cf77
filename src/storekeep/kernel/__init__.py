"""What every part of the house stands on: money, ids, time, the database, queues. It knows no business words."""
