"""The views that can stand in the middle of the window: base classes, and a folder for each view."""
