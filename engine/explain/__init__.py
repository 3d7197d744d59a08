"""What a view says of a cell: worked sums, number lines, shapes, activations, notes, names of values."""
