"""The picture of the view Live: lanes of one time axis."""
