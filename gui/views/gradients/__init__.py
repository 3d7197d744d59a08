"""How a gradient shrinks or grows through the time steps of a document."""
