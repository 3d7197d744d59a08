"""Matrices as tables and as maps: their contents, painting, mouse and keys."""
