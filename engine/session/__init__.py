"""A run from its preparation to its end, in a child, a thread or a rank."""
