"""One file a run: read, write, record, follow, and the library of all."""
