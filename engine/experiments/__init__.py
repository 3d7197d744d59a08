"""Published experiments, repeated with the networks of this program, and their figures beside ours."""
