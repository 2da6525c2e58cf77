"""The cart: edit in place, use a code, see what is in the way."""
