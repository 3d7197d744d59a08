"""The training card, its settings and the docked plots."""
