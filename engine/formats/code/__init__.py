"""Code that rebuilds a cell, a network or a training without this program, one file a kind."""
