"""The layouts of the declared cells."""
