"""Networks that were not trained here: a recording of one, or of a user's own training while it goes on."""
