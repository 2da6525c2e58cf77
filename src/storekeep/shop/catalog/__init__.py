"""Products, variants, prices, pictures, categories and search."""
