"""What stands around the diagram: one panel a file."""
