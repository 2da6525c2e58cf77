"""One shelf of the shop: sorted, filtered, paged by key."""
