"""What the user chose, and what is remembered of it: motion, folders."""
