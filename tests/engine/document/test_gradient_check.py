"""Gradients against slopes of the loss: they agree in every cell, and an ε that is too small or too large says so."""

from __future__ import annotations

import numpy as np
import pytest

from engine.cell.cells import CELLS
from engine.document.document import Document, blank
from engine.document.gradient_check import (
    CheckError,
    WeightCheck,
    check_matrix,
    check_weight,
    digits_in_common,
    gradients_of,
    known_place,
    matrix_in_words,
    relative_differences,
)
from engine.document.loss import Loss


def filled(cell_name: str, output: str | None = None) -> Document:
    generator = np.random.default_rng(7)
    document = blank(2, 3, 3, cell_name=cell_name).with_output(output, 2 if output else None)
    for name, value in document.weights.items():
        document = document.with_weight(name, generator.normal(size=value.shape))
    return document.with_inputs(x=generator.normal(size=(4, 2)), h0=generator.normal(size=3))


LOSSES = {
    "sum": Loss(),
    "square": Loss("square", (0.3, -0.2, 0.5)),
    "typed": Loss("typed", by_hand={"h_t": (1.0, -2.0, 0.5)}),
}


@pytest.mark.parametrize("cell_name", CELLS)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_weight_of_every_cell_has_the_slope_that_backpropagation_says(cell_name: str, loss: str) -> None:
    document = filled(cell_name)
    for name in document.weights:
        differences = check_matrix(document, LOSSES[loss], name, 1e-5, lambda _done: True)
        assert differences is not None
        assert differences.shape == document.weights[name].shape
        slopes_of_some_size = np.abs(gradients_of(document, LOSSES[loss])[name]) > 1e-5
        assert float(differences.max(where=slopes_of_some_size, initial=0.0)) < 1e-5, name


def test_a_weight_by_itself_and_the_loss_of_an_output() -> None:
    document = filled("lstm", "softmax")
    found = check_weight(document, Loss("entropy", (2.0,)), "W_y", (1, 2))
    assert found.value == document.weights["W_y"][1, 2]
    assert found.slope == pytest.approx(found.gradient, rel=1e-6)
    assert found.sentence.startswith("They agree: backpropagation is right to ")
    wrong = WeightCheck("W_y", (1, 2), 0.0, 1e-5, found.above, found.below, -found.gradient)
    assert wrong.difference == pytest.approx(2.0)
    assert "agree" not in wrong.sentence


def test_epsilon_too_small_and_too_large() -> None:
    document = filled("lstm")
    sentences = {e: check_weight(document, Loss(), "W_C", (0, 1), e).sentence for e in (0.1, 1e-5, 1e-12, 1e-18)}
    assert sentences[0.1].startswith("ε is too large")
    assert sentences[1e-5].startswith("They agree")
    assert sentences[1e-12].startswith("ε is too small: L(w + ε) and")
    assert sentences[1e-18].startswith("ε is too small: nudged so little")
    nothing = check_weight(document.with_inputs(x=np.zeros((4, 2))), Loss(), "W_C", (0, 0))
    assert nothing.sentence.startswith("Both are 0")


def test_it_can_be_broken_off_and_tells_how_far_it_is() -> None:
    told: list[float] = []

    def goes_on(done: float) -> bool:
        told.append(done)
        return len(told) < 4

    assert check_matrix(filled("lstm"), Loss(), "b_f", 1e-5, lambda done: told.append(done) is None) is not None
    assert told == [0.0, 1 / 3, 2 / 3]
    told.clear()
    assert check_matrix(filled("lstm"), Loss(), "W_f", 1e-5, goes_on) is None
    assert len(told) == 4


def test_places_and_words() -> None:
    document = filled("lstm")
    assert known_place(document, "W_f", 1, 2) == (0, 1)
    assert known_place(document, "b_f", 3, None) == (2,)
    for arguments, words in (
        (("W_g", 1, 1), "no weight W_g"),
        (("W_f", 4, 1), "no row 4; choose one from 1 to 3"),
        (("W_f", 1, 6), "no column 6; choose one from 1 to 5"),
        (("W_f", 0, 1), "no row 0"),
        (("b_f", 1, 2), "a vector"),
    ):
        with pytest.raises(CheckError, match=words):
            known_place(document, *arguments)
    assert relative_differences(np.array([1.0, 0.0, 2.0]), np.array([1.0, 0.0, 1.0])).tolist() == [0.0, 0.0, 0.5]
    assert digits_in_common(np.array([0.0, 1e-9, 2.0])).tolist() == [16.0, 9.0, 0.0]
    assert matrix_in_words("b_f", np.array([0.0, 1e-9])) == (
        "2 weights: largest relative difference 1·10⁻⁹ at b_f[2], which is 9 digits in common."
    )
