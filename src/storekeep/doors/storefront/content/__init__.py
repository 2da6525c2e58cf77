"""Pages that the owner wrote: terms, privacy, returns, delivery."""
