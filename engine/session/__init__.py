"""Trains a run from its preparation to its end: in a child process, in a thread, or as one of several ranks."""
