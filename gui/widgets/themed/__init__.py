"""What shows the theme: the legend of its colours, the ring of the focus, the icons of file dialogs."""
