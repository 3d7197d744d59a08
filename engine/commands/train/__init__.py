"""The command `train`, in one process or as one of several ranks."""
