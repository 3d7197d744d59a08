"""The ways to look at the cell that can stand in the middle of the window, one file each."""
