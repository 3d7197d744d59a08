"""Network, learner, trainer, observer, devices, gradients of ranks: the room of torch."""
