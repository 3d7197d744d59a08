"""How a data file is read: one page that shows it, asks what is open, and says what stands against it."""
