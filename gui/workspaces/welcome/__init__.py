"""What the program begins with: files used last, the examples, something to train."""
