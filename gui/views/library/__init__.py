"""The view Library: every recorded run."""
