"""Hypothesis measures no times: a machine that is shared would make examples slow that are not."""

from hypothesis import settings

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
