"""The verdict on a run: what its metrics show, what that is called, and what to try next."""
