"""The open document: undo, files, and the panels for sizes, weights and inputs."""
