"""The page that shows how a data file is read, asks what the file leaves open, and says what is wrong."""
