"""Repeats published experiments with this program's networks, and compares the figures."""
