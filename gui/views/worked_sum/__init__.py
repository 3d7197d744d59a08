"""One layer's product, term by term."""
