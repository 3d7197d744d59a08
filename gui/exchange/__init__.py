"""Takes what the program shows elsewhere: pictures, films, numbers and code, and the dialogs that save them."""
