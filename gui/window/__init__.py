"""Main window, stage, menus, keys, presenting."""
