"""The view Task: one example of the task, and the probe sequence."""
