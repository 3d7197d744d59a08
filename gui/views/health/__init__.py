"""Saturation, histograms, update ratios and clipping; clamping gates and freezing weights."""
