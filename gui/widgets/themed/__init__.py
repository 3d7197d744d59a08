"""What follows theme and screen: the legend of colours, the ring of the focus, icons of file dialogs, lengths."""
