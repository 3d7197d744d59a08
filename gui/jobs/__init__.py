"""Work in a thread or a child."""
