"""The LSTM cell, its trace and its training: everything that needs no window."""
