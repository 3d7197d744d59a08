"""The page on a network that was trained elsewhere."""
