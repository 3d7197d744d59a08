"""The LSTM cell, its trace and its training: everything that works without a window."""
