"""Pictures made of lines and letters: what Qt writes of them, put right for other programs."""
