"""One product: pictures, variants, price, stock, and what delivery promises."""
