"""Buttons, boxes, segments."""
