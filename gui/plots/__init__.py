"""Live plots: each drawn from a history or a snapshot and nothing else."""
