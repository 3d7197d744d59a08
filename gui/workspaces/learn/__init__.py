"""The workspace Learn: the lessons there are."""
