"""Several configurations trained on the same batches."""
