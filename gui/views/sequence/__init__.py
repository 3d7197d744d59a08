"""A cell for each time step; two cells on the same sequence."""
