"""What the outside tells us: checked, stored raw, answered."""
