"""Moments, written as text."""

from __future__ import annotations

from datetime import datetime

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def date_words(date: datetime, now: datetime) -> str:
    """Return a moment in short, in local time: "23 Nov 14:05", of another year "23 Nov 2024"."""
    local = date.astimezone()
    day = f"{local.day} {_MONTHS[local.month - 1]}"
    return f"{day} {local:%H:%M}" if local.year == now.astimezone().year else f"{day} {local.year}"
