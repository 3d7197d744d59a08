"""Reads tables of numbers from text files, and says how each file is to be read."""
