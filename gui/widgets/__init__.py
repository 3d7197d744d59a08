"""Widgets that several rooms use: buttons, fields, labels, layouts."""
