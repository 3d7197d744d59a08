"""Tables of numbers as people keep them in text files, and how each is to be read."""
