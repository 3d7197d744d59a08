"""In the lecture hall: the presentation, and what covers it, points in it and stands beside it."""
