"""Starts the program: the application, the demo, a virtual screen, and the system libraries that Qt needs."""
