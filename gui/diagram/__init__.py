"""The cell drawn: positions as data, items, scene and playback."""
