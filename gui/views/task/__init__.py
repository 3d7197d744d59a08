"""One example of the task, and the probe sequence."""
