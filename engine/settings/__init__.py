"""A setting, all settings of a run, gates held and weights frozen, settings in words."""
