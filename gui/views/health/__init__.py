"""Saturation, histograms, update ratios; gates held, weights frozen."""
