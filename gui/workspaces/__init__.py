"""Views that put others together for one job."""
