"""The one room that imports torch: network, learner, trainer, observer, devices, gradients of ranks."""
