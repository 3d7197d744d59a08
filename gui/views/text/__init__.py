"""A text coloured by one unit, likely next characters, samples."""
