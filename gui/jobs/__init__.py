"""Work in the background: in a thread or in a child process."""
