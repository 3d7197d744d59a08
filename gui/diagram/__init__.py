"""The drawn cell: where everything stands, its items, its scene, and the formula line."""
