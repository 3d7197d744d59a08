"""The view Slow motion: one training step, operation by operation."""
