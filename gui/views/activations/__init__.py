"""σ and tanh with their derivatives, and the cell's units on them."""
