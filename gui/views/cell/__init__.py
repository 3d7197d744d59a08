"""The cell's diagram, in the forward and in the backward pass."""
