"""The diagram, forwards and backwards."""
