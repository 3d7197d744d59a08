"""Declared cells: their operations, evaluation and backpropagation, formulas, where torch keeps their weights."""
