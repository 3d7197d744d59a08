"""The plain parts of plots: curves, axes, heatmaps."""
