import numpy as np
import pytest

from engine.cell.initialise import INITIALISATIONS, fresh


@pytest.mark.parametrize("name", INITIALISATIONS)
@pytest.mark.parametrize("shape", [(3,), (1,), (3, 5), (1, 1), (4, 2)])
def test_every_initialisation_fills_every_shape(name: str, shape: tuple[int, ...]) -> None:
    values = fresh(name, "W_f", shape)
    assert values.shape == shape
    assert values.dtype == np.float64
    assert np.isfinite(values).all()
    if len(shape) == 1:
        assert (values == (1 if name == "ones" else 0)).all()


def test_what_each_puts_there() -> None:
    assert fresh("zeros", "W_f", (2, 3)).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert fresh("ones", "W_f", (2, 3)).tolist() == [[1, 1, 1], [1, 1, 1]]
    assert fresh("identity", "W_hr", (2, 3)).tolist() == [[1, 0, 0], [0, 1, 0]]
    # Both blocks, that of x (3 wide) and that of h (2 wide), have their own diagonal.
    assert fresh("identity", "W_f", (2, 5), (3, 2)).tolist() == [[1, 0, 0, 1, 0], [0, 1, 0, 0, 1]]


def test_xavier_has_the_width_of_its_paper() -> None:
    bound = np.sqrt(6 / (60 + 90))
    values = fresh("xavier", "W_f", (60, 90), seed=3)
    assert np.abs(values).max() <= bound
    assert np.abs(values).max() > 0.99 * bound
    assert values.std() == pytest.approx(bound / np.sqrt(3), rel=0.05)
    assert abs(values.mean()) < 0.02 * bound


def test_seed_and_name_fix_the_draw() -> None:
    first = fresh("xavier", "W_f", (3, 4), seed=5)
    np.testing.assert_array_equal(first, fresh("xavier", "W_f", (3, 4), seed=5))
    assert not np.array_equal(first, fresh("xavier", "W_f", (3, 4), seed=6))
    assert not np.array_equal(first, fresh("xavier", "W_i", (3, 4), seed=5))


def test_an_unknown_one_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="zeros, ones, identity, xavier, not 'he'"):
        fresh("he", "W_f", (2, 2))
