"""Measurements that compare the program with what it must not be slower than."""
