import pytest

from engine.cell.cells import CELLS
from engine.settings.ablation import clamped_gates, clamped_text, frozen_weights, gates_of, weights_of
from engine.settings.config import ConfigError

LSTM = CELLS["lstm"](True, "x,h", None)


def test_clamps_survive_the_way_there_and_back() -> None:
    assert dict(clamped_gates(LSTM, "")) == {}
    for text in ("f=1 o=0", "f=1, o=0", " f=1;o=0 "):
        assert clamped_text(clamped_gates(LSTM, text)) == "f=1 o=0"


@pytest.mark.parametrize("text", ["f", "f=2", "x=1", "f=1 f=0", "y=1", "C=1", "f = 1"])
def test_a_clamp_that_cannot_be_gets_one_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match=r"Clamped gates \(clamped\): .* expected each of f, i, o at most once"):
        clamped_gates(LSTM, text)


def test_a_cell_without_gates_says_so() -> None:
    with pytest.raises(ConfigError, match="this cell has no gate"):
        clamped_gates(CELLS["rnn"](False, "x,h", None), "f=1")


def test_frozen_weights_by_layer() -> None:
    assert frozen_weights(LSTM, 2, "") == (frozenset(), frozenset())
    assert frozen_weights(LSTM, 2, "layer1.W_f, layer2.b_o layer1.W_hr") == (
        frozenset({"W_f", "W_hr"}),
        frozenset({"b_o"}),
    )
    for text in ("W_f", "layer3.W_f", "layer0.W_f", "layer1.W_z", "layer1"):
        with pytest.raises(ConfigError, match=r"Frozen weights \(frozen\): .* of layers 1 to 2"):
            frozen_weights(LSTM, 2, text)


def test_what_belongs_to_a_gate() -> None:
    assert tuple(gates_of(CELLS["gru"](False, "x,h", None))) == ("r", "u")
    peephole = CELLS["peephole"](False, "x,h", None)
    assert weights_of(peephole, "f") == ("W_f", "b_f", "p_f")
    assert weights_of(CELLS["lstm-1997"](False, "x,h", None), "f") == ()
