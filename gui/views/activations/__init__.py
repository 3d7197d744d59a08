"""σ, tanh and ReLU with their derivatives, and the cell's units on them."""
