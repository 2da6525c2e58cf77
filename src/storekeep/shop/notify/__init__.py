"""Mail that the shop writes."""
