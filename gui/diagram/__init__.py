"""The diagram of a cell: layouts, items, the scene, and the formula line."""
