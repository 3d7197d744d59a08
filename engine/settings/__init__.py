"""The settings of a run: how each is declared and checked, clamped gates and frozen weights, settings in words."""
