"""What happens in the shop: one file per story, one function per transaction."""
