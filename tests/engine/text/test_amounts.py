from __future__ import annotations

from engine.text.amounts import changes


def test_a_ratio_is_said_as_growing_shrinking_or_vanishing():
    assert changes({"along C": 1.24}) == "along C grows 1.24-fold"
    assert changes({"along C": 0.2, "in the plain RNN": 0}) == (
        "along C shrinks to 0.20 of its size, in the plain RNN it vanishes"
    )
    assert changes({}) == ""
