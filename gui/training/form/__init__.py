"""The form of the training settings, and what stands in it."""
