"""Numbers, amounts and matrices as text."""
