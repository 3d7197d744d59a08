"""Lessons in the window: their check against the commands, the page that is read, and what carries it out."""
