"""Lessons: a Markdown file with directives, read as stops of text, moves and questions; no window is needed."""
