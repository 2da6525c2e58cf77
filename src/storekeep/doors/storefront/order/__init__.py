"""The page of one order behind its signed link: where it is, what was paid, what can be done."""
