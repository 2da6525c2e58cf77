"""The first page: what the shop is, its shelves, and a few things from each."""
