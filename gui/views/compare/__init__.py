"""Two to four configurations on the same batches."""
