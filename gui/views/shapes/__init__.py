"""m, n and k on every vector and matrix, drawn to scale."""
