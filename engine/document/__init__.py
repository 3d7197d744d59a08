"""The document: its file, its trace, examples, losses, the same document with another cell."""
