import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cell.cells import CELLS, ORDERS, OUTPUTS
from engine.cell.initialise import INITIALISATIONS, fresh
from engine.document.document import Document, DocumentError, blank, refilled
from engine.document.examples import EXAMPLES, load_example
from engine.document.tracing import trace_document

sizes = st.integers(1, 5)
JOINT = ("W_f", "W_i", "W_C", "W_o")


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Any sizes, order and projection; weights, inputs and state all different from 0."""
    m, n, k = draw(sizes), draw(sizes), draw(sizes)
    seed = draw(st.integers(0, 99))
    generator = np.random.default_rng(seed)
    document = blank(m, n, k, seed=seed).resized(projected=n != k or draw(st.booleans()))
    document = document.with_order(draw(st.sampled_from(ORDERS)))
    document = document.with_inputs(
        x=generator.normal(size=(draw(st.integers(1, 3)), m)),
        h0=generator.normal(size=n),
        c0=generator.normal(size=k),
    )
    for name, value in document.weights.items():
        document = document.with_weight(name, generator.normal(size=value.shape))
    return document


def columns(document: Document, weight: np.ndarray) -> dict[str, np.ndarray]:
    """A joint weight's columns by what they read."""
    width = next(iter(document.blocks("W_f").values()))
    first, second = document.order.split(",")
    return {first: weight[:, :width], second: weight[:, width:]}


def corner(new: np.ndarray, old: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    region = tuple(slice(0, min(a, b)) for a, b in zip(new.shape, old.shape, strict=True))
    return new[region], old[region]


@settings(max_examples=60, deadline=None)
@given(document=documents(), m=sizes, n=sizes, k=sizes, title=st.sampled_from([*INITIALISATIONS]))
def test_resizing_keeps_what_fits_block_by_block(document: Document, m: int, n: int, k: int, title: str) -> None:
    resized = document.resized(m=m, n=n, k=k, initialisation=title, seed=3)
    assert resized.sizes == {"m": m, "n": n if document.projected else k, "k": k}
    assert resized.projected == document.projected
    assert resized.order == document.order
    for name, old in document.weights.items():
        new = resized.weights[name]
        if name in JOINT:
            parts = columns(resized, new)
            for what, part in columns(document, old).items():
                np.testing.assert_array_equal(*corner(parts[what], part))
        else:
            np.testing.assert_array_equal(*corner(new, old))
        # Everything else is what the initialisation puts there.
        blocks = tuple(resized.blocks(name).values()) if name in JOINT else ()
        filled = fresh(title, name, new.shape, blocks, 3)
        kept = np.zeros(new.shape, dtype=bool)
        if name in JOINT:
            masks = columns(resized, kept)
            for what, part in columns(document, old).items():
                corner(masks[what], part)[0][...] = True
        else:
            corner(kept, old)[0][...] = True
        np.testing.assert_array_equal(new[~kept], filled[~kept])
    for name in ("x", "h0", "c0"):
        new, old = getattr(resized, name), getattr(document, name)
        np.testing.assert_array_equal(*corner(new, old))
        assert np.count_nonzero(new) == corner(new, old)[0].size


@settings(max_examples=30, deadline=None)
@given(document=documents())
def test_growing_and_shrinking_back_loses_nothing(document: Document) -> None:
    larger = document.resized(m=document.m + 2, n=document.n + 1, k=document.k + 1 if document.projected else None)
    back = larger.resized(m=document.m, n=document.n, k=document.k)
    for name, value in document.weights.items():
        np.testing.assert_array_equal(back.weights[name], value)
    np.testing.assert_array_equal(back.x, document.x)


@settings(max_examples=30, deadline=None)
@given(document=documents())
def test_unlinking_changes_no_result_and_linking_takes_n_from_k(document: Document) -> None:
    linked = document.resized(projected=False)
    assert linked.n == linked.k == document.k
    assert not linked.projected
    assert "W_hr" not in linked.weights
    unlinked = linked.resized(projected=True)
    assert unlinked.projected
    assert unlinked.weights["W_hr"].tolist() == np.eye(document.k).tolist()
    for before, after in zip(trace_document(linked).steps, trace_document(unlinked).steps, strict=True):
        for name, value in before.items():
            np.testing.assert_allclose(after[name], value, rtol=0, atol=1e-14, err_msg=name)


def test_a_size_alone_does_not_unlink() -> None:
    assert blank(2, 3, 3).resized(n=5).sizes == {"m": 2, "n": 3, "k": 3}
    assert blank(2, 3, 3).resized(n=5, projected=True).sizes == {"m": 2, "n": 5, "k": 3}


@settings(max_examples=40, deadline=None)
@given(document=documents())
def test_the_order_of_columns_changes_no_result(document: Document) -> None:
    other = next(order for order in ORDERS if order != document.order)
    turned = document.with_order(other)
    assert turned.order == other
    assert list(turned.blocks("W_f").items()) == list(document.blocks("W_f").items())[::-1]
    for name in JOINT:
        before, after = columns(document, document.weights[name]), columns(turned, turned.weights[name])
        for what in ("x", "h"):
            np.testing.assert_array_equal(after[what], before[what])
    for before_step, after_step in zip(trace_document(document).steps, trace_document(turned).steps, strict=True):
        for name in set(before_step) - {"xh"}:
            np.testing.assert_allclose(after_step[name], before_step[name], rtol=0, atol=1e-12, err_msg=name)
    back = turned.with_order(document.order)
    assert all(np.array_equal(back.weights[name], value) for name, value in document.weights.items())
    assert document.with_order(document.order) is document


@pytest.mark.parametrize("title", INITIALISATIONS)
def test_a_blank_document_is_filled_as_asked(title: str) -> None:
    document = blank(2, 4, 3, title, seed=7)
    assert document.sizes == {"m": 2, "n": 4, "k": 3}
    for name, value in document.weights.items():
        blocks = (2, 4) if name in JOINT else ()
        np.testing.assert_array_equal(value, fresh(title, name, value.shape, blocks, 7))
    assert not any(array.any() for array in (document.x, document.h0, document.c0))
    assert not blank(2, 3, 3).projected


def test_filling_some_weights_leaves_the_others() -> None:
    document = blank(2, 3, 3, seed=1)
    changed = refilled(document, "ones", only=frozenset({"W_f", "b_o"}))
    for name, value in changed.weights.items():
        if name in ("W_f", "b_o"):
            assert (value == 1).all()
        else:
            assert value is document.weights[name]


def test_documents_never_change() -> None:
    given = np.ones((3, 6))
    document = blank(3, 3, 3).with_weight("W_f", given)
    given[:] = 5
    assert (document.weights["W_f"] == 1).all()
    for array in (*document.weights.values(), document.x, document.h0, document.c0):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(TypeError):
        document.weights["W_f"] = given  # type: ignore[index]
    with pytest.raises(TypeError):
        document.extra["author"] = "me"  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        document.m = 4  # type: ignore[misc]


def test_an_edit_shares_what_it_does_not_touch() -> None:
    document = blank(3, 3, 3)
    edited = document.with_weight("b_f", [1, 2, 3]).with_inputs(h0=[4, 5, 6])
    assert edited.weights["b_f"].tolist() == [1, 2, 3]
    assert edited.h0.tolist() == [4, 5, 6]
    assert document.weights["b_f"].tolist() == [0, 0, 0]
    assert edited.weights["W_f"] is document.weights["W_f"]
    assert edited.x is document.x


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda d: d.with_weight("W_f", np.ones((3, 5))), "weights.W_f: expected 3×6 (k×(m+n)), found 3×5"),
        (
            lambda d: d.with_weight("b_f", np.ones(2)),
            "weights.b_f: expected 3 numbers (k×1), found 2 numbers",
        ),
        (lambda d: d.with_weight("W_hr", np.ones((2, 3))), "weights.W_hr: expected 3×3 (n×k), found 2×3"),
        (lambda d: d.with_weight("W_q", np.ones(3)), "weights.W_q: this cell has no such weight"),
        (lambda d: d.with_weight("W_f", None), "weights.W_f: expected 3×6 (k×(m+n)), found nothing"),
        (
            lambda d: d.with_weight("W_f", [[1], [1, 2]]),
            "weights.W_f: expected 3×6 (k×(m+n)), found something",
        ),
        (lambda d: d.with_weight("W_f", "text"), "weights.W_f: expected 3×6 (k×(m+n)), found something"),
        (lambda d: d.with_weight("b_f", [1, np.nan, 2]), "weights.b_f[1]: expected a number between"),
        (
            lambda d: d.with_weight("b_f", np.broadcast_to(np.inf, 3)),
            "weights.b_f[0]: expected a number between",
        ),
        (lambda d: d.with_inputs(x=[[0, 0, 0], [0, 1e101, 0]]), "x[1][1]: expected a number between"),
        (lambda d: d.with_inputs(x=np.zeros((0, 3))), "x: expected at least one row of m = 3 numbers"),
        (lambda d: d.with_inputs(x=7.0), "x: expected at least one row of m = 3 numbers"),
        (lambda d: d.with_inputs(h0=[1, 2]), "h0: expected 3 numbers (n×1), found 2 numbers"),
        (
            lambda d: d.with_weight("W_y", np.ones((2, 3))),
            "weights.b_y: expected 2 numbers (p×1), found nothing",
        ),
        (lambda d: d.with_weight("b_y", np.ones(2)), "weights.W_y: expected 2×3 (p×n), found nothing"),
        (lambda d: d.resized(m=0), "m: expected a whole number from 1 to 4096, found 0"),
        (lambda d: d.resized(k=4097), "k: expected a whole number from 1 to 4096, found 4097"),
        (lambda d: d.resized(m=True), "m: expected a whole number from 1 to 4096, found true"),
        (lambda d: d.with_order("h"), 'order: expected "x,h" or "h,x", found "h"'),
        (lambda d: dataclasses.replace(d, n=2), "weights.W_hr: expected 2×3 (n×k), found nothing"),
    ],
)
def test_what_cannot_be_says_why_in_one_sentence(edit, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DocumentError) as caught:
        edit(blank(3, 3, 3))
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_an_output_layer_follows_n() -> None:
    document = blank(3, 3, 3).resized(projected=True)
    weights = {**document.weights, "W_y": np.ones((2, 3)), "b_y": np.array([1.0, 2.0])}
    document = dataclasses.replace(document, weights=weights)
    resized = document.resized(n=5, initialisation="zeros")
    assert resized.weights["W_y"].tolist() == [[1, 1, 1, 0, 0]] * 2
    assert resized.weights["b_y"].tolist() == [1, 2]


def test_examples() -> None:
    for name in EXAMPLES:
        assert load_example(name).order in ORDERS
    with pytest.raises(DocumentError, match="example 'other': expected one of worked-example, forget-gate"):
        load_example("other")


@pytest.mark.parametrize("cell_name", CELLS)
@pytest.mark.parametrize("order", ORDERS)
def test_a_document_of_every_cell_runs_and_grows(cell_name: str, order: str) -> None:
    document = blank(2, 3, 3, seed=1, cell_name=cell_name).with_order(order)
    assert document.cell.name == cell_name
    grown = document.resized(m=4, n=5, k=5)
    assert (grown.cell_name, grown.m, grown.n, grown.k) == (cell_name, 4, 5, 5)
    for name, old in document.weights.items():
        assert old.ndim == 1 or len(grown.blocks(name)) in (1, 2)
        assert grown.weights[name].shape >= old.shape
    before, after = (trace_document(one).steps[0]["h_t"] for one in (document, document.with_order("x,h")))
    np.testing.assert_allclose(before, after, rtol=0, atol=1e-15)


def test_another_cell_keeps_the_weights_that_it_shares() -> None:
    document = blank(2, 3, 3, seed=1)
    peepholes = document.with_cell("peephole", "zeros")
    np.testing.assert_array_equal(peepholes.weights["W_f"], document.weights["W_f"])
    # Peepholes of zero see nothing: both cells compute the same.
    np.testing.assert_array_equal(trace_document(peepholes).steps[0]["h_t"], trace_document(document).steps[0]["h_t"])
    assert set(document.with_cell("coupled").weights) == {"W_f", "W_C", "W_o", "b_f", "b_C", "b_o"}
    assert document.with_cell("lstm") is document
    wide = document.resized(n=2, projected=True)
    assert not wide.with_cell("gru").projected
    with pytest.raises(DocumentError, match="expected one of lstm, rnn"):
        document.with_cell("elman")
    with pytest.raises(DocumentError, match="has no cell state"):
        dataclasses.replace(document.with_cell("rnn"), n=2)


@pytest.mark.parametrize("output", OUTPUTS)
def test_an_output_follows_h(output: str) -> None:
    document = blank(2, 3, 3, seed=1).with_output(output, p=4, seed=2)
    assert document.sizes == {"m": 2, "n": 3, "k": 3, "p": 4}
    values = trace_document(document).steps[0]
    z = document.weights["W_y"] @ values["h_t"] + document.weights["b_y"]
    expected = {"sigmoid": 1 / (1 + np.exp(-z)), "softmax": np.exp(z) / np.exp(z).sum(), "identity": z}[output]
    np.testing.assert_allclose(values["y_t"], expected, rtol=0, atol=1e-15)
    assert document.resized(n=5, k=5).weights["W_y"].shape == (4, 5)
    assert "y_t" not in trace_document(document.with_output(None)).steps[0]
    assert document.with_output("softmax", p=2).sizes["p"] == 2


def test_gates_are_drawn_with_a_seed_or_soft() -> None:
    document = blank(2, 3, 3, seed=1)
    assert document.sampled is None
    sampled = document.with_sampled(7)
    assert (sampled.sampled, sampled.with_sampled(7)) == (7, sampled)
    assert sampled.cell.draws
    assert not sampled.with_sampled(None).cell.draws
    assert sampled.weights["W_f"] is document.weights["W_f"]
    # Every other edit leaves it as it is.
    grown = sampled.resized(m=4, k=5).with_order("h,x").with_cell("peephole").with_output("softmax", p=2)
    assert grown.sampled == 7
    for wrong in (-1, 2**31, 1.0, True, "1"):
        with pytest.raises(DocumentError, match=r"^sampled: expected a whole number from 0 to 2147483647, or null"):
            document.with_sampled(wrong)  # type: ignore[arg-type]


def test_notes_are_kept_and_never_change() -> None:
    given = {"z_i": "42 was a slip.", "nothing": "kept"}
    document = dataclasses.replace(blank(2, 3, 3), notes=given)
    given["z_i"] = "changed"
    assert document.resized(k=4).with_cell("gru").notes == {"z_i": "42 was a slip.", "nothing": "kept"}
    with pytest.raises(TypeError):
        document.notes["z_i"] = ""  # type: ignore[index]
    for wrong, sentence in (
        ([], "notes: expected an object with a sentence for each operation, found a list of 0"),
        ({"z_i": 7}, "notes.z_i: expected a text, found 7"),
    ):
        with pytest.raises(DocumentError) as caught:
            dataclasses.replace(document, notes=wrong)
        assert str(caught.value) == sentence
