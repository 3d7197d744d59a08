"""The page of preferences, and what can be chosen there."""
