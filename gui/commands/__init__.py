"""Every command with its key, and the registry of views."""
