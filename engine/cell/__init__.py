"""Cells, declared as data: operations, evaluation, backpropagation, formulas, and torch's layout of the weights."""
