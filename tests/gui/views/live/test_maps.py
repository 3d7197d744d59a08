"""Numbers to pictures: shared rows and columns, scales, and the order of units; without a window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from engine.cell.cells import CELLS
from engine.runs.snapshot import Snapshot
from gui.appearance.theme import load_theme
from gui.plots.gate_maps import MAPS, maps_of
from gui.views.live.maps import Wanted, pictured
from gui.views.live.opening import openness, order_of, widest_at, writer_of
from gui.views.live.scales import ONE, OWN, ROOT, Scaling, scaled
from gui.views.live.sharing import places_of_row, row_of, shared, sharing


def test_neighbours_share_a_row_that_shows_the_largest_of_them():
    rng = np.random.default_rng(3)
    values = rng.normal(size=(5000, 1024))
    values[4321, 777] = -50
    drawn = shared(shared(values, 548, 0, False), 54, 1, False)
    assert drawn.shape == (548, 54)
    column, _ = row_of(4321, 5000, 548)
    row, rows = row_of(777, 1024, 54)
    assert rows == 54
    assert drawn[column, row] == -50
    for at in ((0, 0), (17, 33), (547, 53)):
        steps, units = places_of_row(at[0], 5000, 548), places_of_row(at[1], 1024, 54)
        group = values[steps.start : steps.stop, units.start : units.stop].ravel()
        assert drawn[at] == group[np.abs(group).argmax()]
    assert sharing(1024, 54) == 19
    assert max(len(places_of_row(place, 1024, 54)) for place in range(54)) == 19


def test_every_place_is_in_one_row():
    for count, room in ((7, 7), (7, 3), (1024, 100), (5, 50), (1, 1)):
        rows = min(count, room)
        assert [place for row in range(rows) for place in places_of_row(row, count, room)] == list(range(count))
        assert all(place in places_of_row(row_of(place, count, room)[0], count, room) for place in range(count))


def test_what_fits_is_left_alone_and_nan_is_never_hidden():
    values = np.array([[1.0, 2], [np.nan, 4]])
    assert shared(values, 2, 0, False) is values
    assert np.isnan(shared(values, 1, 0, False)[0, 0])
    assert np.isnan(shared(values, 1, 0, True)[0, 0])
    assert shared(np.array([[-3.0], [2.0]]), 1, 0, False)[0, 0] == -3


C = MAPS["C"]


def test_each_unit_to_its_own_largest_leaves_none_blank():
    values = np.array([[0.01, 30.0, 0.0], [-0.02, 15.0, 0.0]])
    drawn = scaled(C, values, Scaling(OWN))
    np.testing.assert_allclose(drawn.values, [[0.5, 1, 0], [-1, 0.5, 0]])
    assert drawn.limits == (-1, 1)
    assert drawn.ends == ("+max", "−max")
    assert drawn.words == ("own max", "0–30")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_left_out_of_scales(bad: float):
    values = np.array([[4.0, bad], [2.0, 1.0]])
    own = scaled(C, values, Scaling(OWN))
    assert own.words == ("own max", "1–4")
    np.testing.assert_allclose(own.values[:, 0], [1, 0.5])
    assert not np.isfinite(own.values[0, 1])
    assert own.values[1, 1] == 1
    assert scaled(C, values, Scaling(ONE)).limits == (-5, 5)


def test_one_scale_and_its_root():
    values = np.array([[0.5, -50.0]])
    one = scaled(C, values, Scaling(ONE))
    assert (one.limits, one.ends, one.words) == ((-50, 50), ("50", "−50"), ())
    root = scaled(C, values, Scaling(ROOT))
    np.testing.assert_allclose(root.values, [[0.1, -1]])
    assert root.ends == ("50", "−50")
    assert root.words == ("root",)


def test_a_gate_keeps_0_to_1_unless_it_is_spread():
    values = np.array([[0.731, 0.9], [0.999, 1.0]])
    fixed, spread = (scaled(MAPS["f"], values, Scaling(spread=on)) for on in (False, True))
    assert (fixed.limits, fixed.ends) == ((0, 1), ("1", "0"))
    assert spread.ends == ("1.00", "0.73")
    assert spread.limits == pytest.approx((0.73, 1))
    closed = scaled(MAPS["f"], np.ones((2, 2)), Scaling(spread=True))
    assert closed.limits == (0, 1)  # no range of its own


def test_a_candidate_keeps_its_bounds():
    assert scaled(MAPS["C_tilde"], np.array([[0.3, -0.2]]), Scaling(OWN)).ends == ("1", "−1")


def values_of(name: str, T: int = 6, units: int = 3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {short: rng.uniform(0.1, 0.4, (T, units)) for short in maps_of(CELLS[name]())}


@pytest.mark.parametrize(("cell", "writer"), [("lstm", ("i", False)), ("gru", ("u", True)), ("rnn", None)])
def test_units_are_sorted_by_when_they_open(cell: str, writer: tuple[str, bool] | None):
    made = CELLS[cell]()
    assert writer_of(made) == writer
    values = values_of(cell)
    for unit, t in ((0, 4), (1, 1), (2, 3)):
        if writer is None:
            values["h"][t:, unit] += 5
        else:
            values[writer[0]][t, unit] = 0.01 if writer[1] else 0.99
    assert order_of(made, values).tolist() == [1, 2, 0]
    assert openness(made, values)[4, 0] > 0.9


@pytest.mark.parametrize("cell", list(CELLS))
def test_every_cell_has_an_order(cell: str):
    assert sorted(order_of(CELLS[cell](), values_of(cell)).tolist()) == [0, 1, 2]


def snapshot(T: int, k: int, n: int = 0) -> Snapshot:
    rng = np.random.default_rng(1)
    gates = {name: rng.uniform(0, 1, (T, n if name == "h" and n else k)).astype(np.float32) for name in MAPS}
    empty = np.empty(0, dtype=np.float32)
    return Snapshot(1, ({},), (gates,), np.zeros((T, 2), dtype=np.float32), empty, empty, empty)


BOX = QRectF(100, 20, 400, 90)


def test_a_map_is_read_where_it_is_drawn():
    shot = snapshot(8, 5)
    (shown,) = pictured([Wanted(C, 0)], shot, {0: (400, 90)}, Scaling(), load_theme("light"))
    assert shown.picture.image.size().toTuple() == (8, 5)
    for unit in range(5):
        for t in (0, 3, 7):
            cell = shown.cell(BOX, unit, t)
            assert shown.unit_at(BOX, cell.center().y(), t) == unit
    assert shown.cell(BOX, 0, 0).top() == BOX.top()  # unit 1 is on top


def test_a_sorted_map_has_its_units_in_that_order():
    shot = snapshot(8, 5)
    wanted = Wanted(C, 0, (3, 1, 4, 0, 2))
    (shown,) = pictured([wanted], shot, {0: (400, 90)}, Scaling(), load_theme("light"))
    assert shown.unit_at(BOX, BOX.top() + 1, 0) == 3
    assert shown.cell(BOX, 2, 0).bottom() == pytest.approx(BOX.bottom())
    (usual,) = pictured([Wanted(C, 0)], shot, {0: (400, 90)}, Scaling(), load_theme("light"))
    assert shown.picture.image.pixel(2, 0) == usual.picture.image.pixel(2, 3)


def test_of_a_shared_row_the_unit_is_read_that_it_shows():
    shot = snapshot(50, 1024)
    (shown,) = pictured([Wanted(C, 0)], shot, {0: (400, 90)}, Scaling(), load_theme("light"))
    assert shown.picture.image.size().toTuple() == (50, 90)
    assert shown.together == 12
    unit = shown.unit_at(BOX, BOX.top() + 0.5, 7)
    there = places_of_row(0, 1024, 90)
    assert unit == int(np.argmax(shot.gates[0]["C"][7, there.start : there.stop]))


def test_an_order_of_other_units_is_left_alone():
    """With a projection h has fewer units than C, which cannot be sorted by gates that they do not have."""
    shot = snapshot(8, 5, n=3)
    order = (4, 3, 2, 1, 0)
    shown = pictured(
        [Wanted(C, 0, order), Wanted(MAPS["h"], 0, order)],
        shot,
        {0: (400, 90), 1: (400, 90)},
        Scaling(),
        load_theme("light"),
    )
    assert [one.ordered for one in shown] == [order, ()]
    assert shown[1].units == 3


def test_nan_is_hatched():
    shot = snapshot(8, 5)
    gates = {name: np.array(values) for name, values in shot.gates[0].items()}
    gates["C"][2, 3] = np.nan
    broken = replace(shot, gates=(gates,))
    (shown,) = pictured([Wanted(C, 0)], broken, {0: (400, 90)}, Scaling(), load_theme("light"))
    assert shown.picture.missing is not None
    assert np.argwhere(shown.picture.missing).tolist() == [[3, 2]]


def test_what_is_many_is_pictured_as_what_is_few():
    """A thousand units over five thousand steps: a picture of the lane's pixels, each the largest of its numbers."""
    shot = snapshot(5000, 1024)
    (shown,) = pictured([Wanted(MAPS["f"], 0)], shot, {0: (548, 54)}, Scaling(), load_theme("light"))
    assert shown.picture.image.size().toTuple() == (548, 54)
    values = shot.gates[0]["f"]
    steps, units = places_of_row(100, 5000, 548), places_of_row(20, 1024, 54)
    largest = float(values[steps.start : steps.stop, units.start : units.stop].max())
    expected = load_theme("light").gate("forget")[round(largest * 255)]
    assert np.abs(np.array(QColor(shown.picture.image.pixel(100, 20)).getRgb()[:3]) - expected).max() <= 2


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_the_unit_that_opens_farthest_is_found_among_some_of_many_steps(cell: str):
    made, values = CELLS[cell](), values_of(cell, 3000, 20)
    writer = writer_of(made)
    if writer is None:
        values["h"][2001, 7] += 5
    else:
        values[writer[0]][2001, 7] = 0.01 if writer[1] else 0.99
    for most in (10**9, 600):
        assert widest_at(made, values, 2001, most) == 7
