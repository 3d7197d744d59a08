"""The tables of commands, views and panels, and the registry that carries commands out."""
