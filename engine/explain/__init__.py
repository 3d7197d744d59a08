"""What the views explain about a cell: worked sums, number lines, shapes, activations, notes, names of values."""
