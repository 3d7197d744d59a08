"""A matrix as a table or as a map: what it holds, how it is painted, what mouse and keys do with it."""
