"""What is known about a run, in numpy only: history, snapshots, gradients through time, messages."""
