"""What a file of Keras contains: its HDF5 arrays, and what its settings say of the layers."""
