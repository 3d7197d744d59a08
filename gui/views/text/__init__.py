"""The view Text: a text coloured by one unit, likely next characters, samples."""
