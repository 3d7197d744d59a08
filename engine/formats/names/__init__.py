"""Weights by name, as files of arrays have them: torch's names, the blog's, and what a pickle would do."""
