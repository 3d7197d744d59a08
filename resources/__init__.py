"""What the program ships beside its code; find a file with `importlib.resources.files("resources")`."""
