"""What an error keeps of itself through the time steps of a document."""
