"""How much of the gradient reaches each time step, while the network learns."""
