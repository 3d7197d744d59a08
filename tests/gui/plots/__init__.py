"""Tests of gui/plots."""
