"""The command `main.py train`, in one process or as one of several ranks."""
