"""Gates drawn as 0 or 1, beside soft ones."""
