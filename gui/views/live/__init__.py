"""The view Live: a network in training, map above map on one time axis."""
