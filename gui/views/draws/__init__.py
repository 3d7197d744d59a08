"""Gates drawn at random as 0 or 1, beside the usual ones."""
