"""Takes what the program shows elsewhere: pictures and films, and the dialogs that save them."""
