"""Numbers, durations, sizes and matrices, written as text and read from it."""
