"""What is known of a run, in numpy alone: history, snapshots, gradients through time, messages."""
