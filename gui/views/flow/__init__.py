"""What of the error comes back to each time step of a network in training."""
