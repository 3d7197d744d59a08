"""Recordings, one file for each run: writing, reading, following them, and the library of all runs."""
