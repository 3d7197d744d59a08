"""The main window: its middle, menus, keyboard shortcuts and the presentation."""
