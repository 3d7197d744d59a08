"""What a screen reader hears: the parts of a picture with their values, and what has just happened."""
