"""Documents: their files, traces and losses, the examples, and the same document with another cell."""
