"""Published experiments, repeated here."""
