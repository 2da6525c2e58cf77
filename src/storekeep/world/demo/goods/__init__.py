"""The goods, one module for each shelf of the shop."""
