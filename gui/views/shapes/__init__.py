"""The view Sizes: every vector and matrix, drawn to scale."""
