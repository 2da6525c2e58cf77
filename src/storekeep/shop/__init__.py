"""What a shop knows and keeps: one package per field, and none of them knows its neighbour."""
