"""One training step in slow motion."""
