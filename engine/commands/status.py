"""Exit statuses of the commands."""

ENDED = 1
"""A run did not reach its goal and was not interrupted."""
BAD_INPUT = 2
"""The user's input cannot be used."""
INTERRUPTED = 130
"""After Ctrl+C, as shells have it."""
