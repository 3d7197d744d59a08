"""What is not saved and how the program ended: kept until the next start."""
