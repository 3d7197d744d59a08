"""Help inside the window: the guide, what a control is, every key, and every command to be searched."""
