"""Application, demo, virtual screen, system libraries."""
