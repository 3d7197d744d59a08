"""Judges a recorded run by the metrics in its file."""

from __future__ import annotations

from ..runs.metrics import Metrics
from ..runs.verdict.judging import Judging, Verdict
from .recording import Recording


def judging_of(recording: Recording, upto: int | None = None) -> Judging | None:
    """Return what has seen a recording's metrics, to its end or to a step; None where its task is not known.

    Raises RecordingError.
    """
    facts = recording.facts()
    if facts is None:
        return None
    judging = Judging(recording.about().config, facts)
    for rows in recording.rows(1, upto):
        judging.see(Metrics(recording.columns, rows))
    return judging


def verdict_of(recording: Recording, over: bool) -> Verdict | None:
    """Return the verdict that is in a file, else the one by its metrics; None where it has none to judge by.

    Raises RecordingError.
    """
    about = recording.about()
    if about.verdict is not None:
        return about.verdict
    judging = judging_of(recording)
    if judging is None or not judging.count:
        return None
    judging.held_out = about.held_out
    return judging.verdict(over)
