"""The views Unrolled and Pair: one cell for each time step; two cells on the same sequence."""
