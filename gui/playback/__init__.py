"""Walks, the playback and its timeline."""
