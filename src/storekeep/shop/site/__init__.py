"""The shop's profile and the pages that its owner writes."""
