"""Everything that needs torch: network, learner, trainer, observer, devices, ranks."""
