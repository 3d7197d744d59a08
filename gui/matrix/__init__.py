"""A matrix as a map of colours: what it holds, how it is painted, and what the mouse does with it."""
