"""The outside, played."""
