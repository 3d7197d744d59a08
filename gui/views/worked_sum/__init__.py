"""The view Sum: one layer's product, term by term."""
