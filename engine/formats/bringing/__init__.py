"""What is done with a network that comes from elsewhere: the sequence it is fed with, a cell or a recording of it."""
