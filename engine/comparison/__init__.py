"""Trains several configurations on the same batches."""
