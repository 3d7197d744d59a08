"""Weights in .npz: by the names of courses and of this program, with a sequence beside them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.cell.cells import CELLS, ORDERS
from engine.document.document import blank
from engine.document.tracing import trace_document
from engine.formats.found import Found, NetworkFileError, Told
from engine.formats.npz_file import read_network, write_network
from engine.formats.own import network_of_document

Arrays = dict[str, NDArray[Any]]


def teaching_cell() -> Arrays:
    """The cell that many courses use, in the order in which they draw its numbers."""
    random = np.random.RandomState(1)
    arrays = {"x": random.randn(3, 10), "h": random.randn(5, 10), "C": random.randn(5, 10)}
    for gate in "fioc":
        arrays |= {f"W{gate}": random.randn(5, 8), f"b{gate}": random.randn(5, 1)}
    return arrays | {"Wy": random.randn(2, 5), "by": random.randn(2, 1)}


def read(folder: Path, arrays: Arrays, order: str = "", column: int = 0) -> Found:
    path = folder / "cell.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]  # names of arrays, none of them allow_pickle
    return read_network(path, Told(order, column))


def last(found: Found) -> dict[str, NDArray[Any]]:
    assert found.x is not None
    return dict(trace_document(found.document(found.layer(), found.x)).steps[-1])


def test_the_teaching_cell(tmp_path: Path) -> None:
    found = read(tmp_path, teaching_cell(), "h,x")
    values = last(found)
    assert (found.layers[0].m, found.layers[0].n, found.layers[0].k) == (3, 5, 5)
    assert values["h_t"][4] == pytest.approx(-0.66408471, abs=5e-9)
    assert values["C_t"][2] == pytest.approx(0.63267805, abs=5e-9)
    assert values["y_t"][1] == pytest.approx(0.79913913, abs=5e-9)
    assert values["y_t"].sum() == pytest.approx(1)
    assert any("10 examples" in note and "column 0 is taken" in note for note in found.notes)
    assert found.document(found.layer(), found.x).order == "h,x"


def test_another_column_is_another_example(tmp_path: Path) -> None:
    arrays = teaching_cell()
    found = read(tmp_path, arrays, "h,x", 7)
    alone = {name: array[:, 7:8] if name in ("x", "h", "C") else array for name, array in arrays.items()}
    np.testing.assert_array_equal(last(found)["h_t"], last(read(tmp_path, alone, "h,x"))["h_t"])
    with pytest.raises(NetworkFileError, match=r"column 10 was asked for, but the file has 10 examples.*0 to 9"):
        read(tmp_path, arrays, "h,x", 10)


def test_the_order_of_the_columns_counts(tmp_path: Path) -> None:
    arrays = teaching_cell()
    turned = {name: np.roll(array, 3, axis=1) if array.shape == (5, 8) else array for name, array in arrays.items()}
    first = last(read(tmp_path, arrays, "h,x"))["h_t"]
    second = read(tmp_path, turned, "x,h")
    np.testing.assert_allclose(last(second)["h_t"], first, atol=1e-15)
    unsaid = read(tmp_path, turned)
    np.testing.assert_array_equal(last(unsaid)["h_t"], last(second)["h_t"])
    assert any("if they are [h, x], choose that order" in note for note in unsaid.notes)
    assert not any("choose that order" in note for note in second.notes)


@pytest.mark.parametrize("spelling", ["W_f b_f", "Wf bf", "wf bf", "W_F b_F"])
def test_names_are_spelt_in_several_ways(tmp_path: Path, spelling: str) -> None:
    W, b = spelling.split()
    arrays = {name.replace("Wf", W).replace("bf", b): array for name, array in teaching_cell().items()}
    assert last(read(tmp_path, arrays, "h,x"))["h_t"][4] == pytest.approx(-0.66408471, abs=5e-9)


def test_x_over_time_and_examples(tmp_path: Path) -> None:
    """(m, examples, T), as courses have a whole sequence; the same as T rows of one example."""
    x = np.random.RandomState(2).randn(3, 10, 4)
    cell = {name: array for name, array in teaching_cell().items() if name != "x"}
    several = read(tmp_path, cell | {"x": x}, "h,x", 2)
    assert several.x is not None
    np.testing.assert_array_equal(several.x, x[:, 2].T)
    one = {name: array[:, 2] if name in ("h", "C") else array for name, array in cell.items()}
    np.testing.assert_array_equal(last(read(tmp_path, one | {"x": x[:, 2].T}, "h,x"))["h_t"], last(several)["h_t"])


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    found = read(tmp_path, teaching_cell(), "h,x", 3)
    path = tmp_path / "again.npz"
    assert write_network(path, found) == []
    with np.load(path) as arrays:
        names = ["W_f", "b_f", "W_i", "b_i", "W_o", "b_o", "W_C", "b_C", "W_y", "b_y", "x", "h0", "c0"]
        assert set(names) == set(arrays) - {"order", "output"}
        assert (str(arrays["order"]), str(arrays["output"])) == ("h,x", "softmax")
        np.testing.assert_array_equal(arrays["W_f"], teaching_cell()["Wf"])
    again = read_network(path)
    assert not again.notes
    np.testing.assert_array_equal(last(again)["y_t"], last(found)["y_t"])


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("order", ORDERS)
def test_every_cell_is_read_as_it_was_written(tmp_path: Path, cell: str, order: str) -> None:
    document = blank(2, 3, 3, seed=4, cell_name=cell).with_order(order)
    path = tmp_path / "cell.npz"
    write_network(path, network_of_document(document))
    found = read_network(path)
    assert (found.layers[0].cell, found.layers[0].order) == (cell, order)
    assert found.x is not None
    again = found.document(found.layer(), found.x)
    for name, weight in document.weights.items():
        np.testing.assert_array_equal(again.weights[name], weight)


def test_where_each_weight_is_from(tmp_path: Path) -> None:
    mapped = {item.name: item.source for item in read(tmp_path, teaching_cell(), "h,x").layers[0].mapped}
    assert mapped["W_C"] == "Wc, columns 1–5 read h, columns 6–8 read x"
    assert mapped["b_C"] == "bc, 5×1"


def test_whole_numbers_are_weights_too(tmp_path: Path) -> None:
    """As in the worked example, typed by hand."""
    arrays: Arrays = {f"W_{gate}": np.ones((3, 6), dtype=np.int64) for gate in "fiCo"}
    found = read(tmp_path, arrays | {"x": np.array([1, 2, 3])}, "x,h")
    assert found.layers[0].weights["W_f"].dtype == np.float64
    assert found.layers[0].weights["b_f"].tolist() == [0, 0, 0]
    assert found.x is not None
    assert found.x.tolist() == [[1, 2, 3]]


def halves(of_x: str, of_h: str) -> Arrays:
    """The teaching cell, its matrices in two parts with names that begin so."""
    cell = teaching_cell()
    parts = {f"{of_x}{gate}": cell[f"W{gate}"][:, 5:] for gate in "fioc"}
    parts |= {f"{of_h}{gate}": cell[f"W{gate}"][:, :5] for gate in "fioc"}
    return {name: array for name, array in cell.items() if name[0] != "W" or name == "Wy"} | parts


@pytest.mark.parametrize("names", ["W_ U_", "W U", "Wx Wh", "W_x W_h", "W_x_ W_h_", "U_ W_"])
@pytest.mark.parametrize("order", ["", *ORDERS])
def test_two_matrices_of_a_gate_are_put_side_by_side(tmp_path: Path, names: str, order: str) -> None:
    """As most papers have them; some name that of x U, which its shape tells."""
    of_x, of_h = names.split()
    found = read(tmp_path, halves(of_x, of_h), order)
    assert last(found)["h_t"][4] == pytest.approx(-0.66408471, abs=5e-9)
    assert found.layers[0].order == (order or "x,h")
    assert {item.name: item.source for item in found.layers[0].mapped}["W_f"] == (
        f"{of_x}f reads x, {of_h}f reads h, side by side"
    )
    assert any(f"{of_x}f reads x, {of_h}f reads h" in note for note in found.notes)
    assert not any("--order" in note or "exchange" in note for note in found.notes)


def test_which_of_two_square_matrices_reads_x_is_said_to_be_a_guess(tmp_path: Path) -> None:
    arrays = {f"{letter}_{gate}": np.eye(3) for gate in "fioc" for letter in "WU"}
    assert any("exchange them" in note for note in read(tmp_path, arrays).notes)


def test_a_plain_rnn_as_courses_name_it(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    W_x, W_h, W_y = random.normal(size=(5, 3)), random.normal(size=(5, 5)), random.normal(size=(2, 5))
    found = read(tmp_path, {"Wxh": W_x, "Whh": W_h, "Why": W_y, "bh": np.ones((5, 1)), "by": np.zeros((2, 1))})
    np.testing.assert_array_equal(found.layers[0].weights["W_h"], np.hstack([W_x, W_h]))
    assert found.layers[0].cell == "rnn"
    assert found.readout is not None
    np.testing.assert_array_equal(found.readout[0], W_y)


def test_halves_of_a_gru_and_of_a_projection_are_told_apart(tmp_path: Path) -> None:
    """W_hr is the half of r that reads h, or the projection of an LSTM."""
    gru = {f"W_{part}{gate}": np.ones((5, {"x": 3, "h": 5}[part])) for part in "xh" for gate in "ru"}
    (layer,) = read(tmp_path, gru | {"W_x": np.ones((5, 3)), "W_n": np.ones((5, 5))}).layers
    assert (layer.cell, layer.m, layer.n) == ("gru", 3, 5)
    lstm = {f"{letter}_{gate}": np.ones((5, size)) for gate in "fioc" for letter, size in (("W", 3), ("U", 2))}
    (layer,) = read(tmp_path, lstm | {"W_hr": np.ones((2, 5))}).layers
    assert (layer.cell, layer.m, layer.n, layer.k) == ("lstm", 3, 2, 5)


def without(*names: str) -> Arrays:
    return {name: array for name, array in teaching_cell().items() if name not in names}


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"a": np.ones(3)}, "no weights of a cell were found"),
        (without("Wi"), "W_i should be 5×8 (k×(m+n)), but the file has nothing"),
        (without("Wi", "bi", "Wo", "bo"), "weights of no cell"),
        (without("bi"), "b_i should be 5×1 (k×1), but the file has nothing"),
        (teaching_cell() | {"bi": np.ones((4, 1))}, "bi should be 5×1"),
        (teaching_cell() | {"Wi": np.ones((5, 7))}, "Wi should be 5×8"),
        (teaching_cell() | {"Wi": np.full((5, 8), np.nan)}, "W_i holds NaN"),
        (teaching_cell() | {"W_i": np.ones((5, 8))}, "are both W_i"),
        (teaching_cell() | {"Wy": np.ones((2, 6))}, "Wy should have 5 columns"),
        (teaching_cell() | {"by": np.ones(3)}, "by should have 2 numbers"),
        (teaching_cell() | {"x": np.ones((4, 10))}, "x should be T×3"),
        (teaching_cell() | {"h": np.ones((4, 10))}, "h should have 5 numbers"),
        (teaching_cell() | {"Wf": np.ones((5, 8), dtype=np.int8)}, "quantised"),
        (teaching_cell() | {"Wf": np.ones((5, 8), dtype=complex)}, "complex128"),
        (teaching_cell() | {"note": np.array([{"a": 1}], dtype=object)}, "note holds Python objects"),
        ({"W_f": np.ones((5, 3)), "W_i": np.ones((5, 3)), "W_C": np.ones((5, 3)), "W_o": np.ones((5, 3))},
         "more columns than h has numbers"),
        (teaching_cell() | {"Wf": np.ones((8, 5))}, "transpose it to 5×8"),
        (halves("W_", "U_") | {"W_f": np.ones((3, 5))}, "W_f is 3×5 and U_f 5×5, but the matrix of x should be k×m"),
        (halves("W_", "U_") | {"U_f": np.ones((5, 4))}, "that of h k×k"),
        (halves("W_x", "W_h") | {"W_hg": np.ones((5, 5))}, "W_hc and W_hg are the same"),
        ({name: each for name, each in halves("W_x", "W_h").items() if name != "W_hf"}, "matrix of h beside W_xf"),
        ({name: each for name, each in halves("W_", "U_").items() if name != "W_f"}, "matrix of x beside U_f"),
        (halves("W_x", "W_h") | {"b_hf": np.ones(5)}, "add up all biases of a gate, and name their sum b_f"),
        ({"W_ih": np.ones((20, 3)), "W_hh": np.ones((20, 5))}, "name it weight_ih_l0"),
        ({"W_r": np.ones((5, 8)), "W_z": np.ones((5, 8)), "W_h": np.ones((5, 8))}, "GRU has one matrix W_h"),
        ({"W_h": np.ones((4097, 4100))}, "n is 4,097"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_a_sentence(tmp_path: Path, arrays: Arrays, words: str) -> None:
    with pytest.raises(NetworkFileError) as caught:
        read(tmp_path, arrays)
    sentence = str(caught.value)
    assert sentence.startswith("cell.npz: ")
    assert words in sentence


def test_a_zip_bomb_is_refused_by_its_directory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("W_f.npy", b"0")
        for number in range(40):
            archive.writestr(f"{number}.npy", b"0")
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02")
    while place >= 0:  # the directory says that each of them has 2 GB
        data[place + 24 : place + 28] = (2 * 10**9).to_bytes(4, "little")
        place = data.find(b"PK\x01\x02", place + 4)
    path.write_bytes(data)
    with pytest.raises(NetworkFileError, match=r"unpacked it would have 82\.0 GB.*nothing was unpacked"):
        read_network(path)
