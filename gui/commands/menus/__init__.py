"""Menus of the table, a file each."""
