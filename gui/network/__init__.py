"""The network of the run in place of the user's cell: followed while it learns, or held."""
