"""The document in force: undo, files, and its panels for sizes, weights and inputs."""
