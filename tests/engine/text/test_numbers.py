import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.text import numbers
from engine.text.number_text import parse_number, readings

SMALL = [0.0, -0.0, 5e-324, -5e-324, 2.2250738585072014e-308, 1e-5, 9.999e-5, 1e-4, 0.1, 1 / 3]
LARGE = [99999.0, 1e15 - 1, 1e15, 1e16, 2.0**53, 123456789012345680000.0, 1e22, 1e23, 1.7976931348623157e308]
DOUBLES = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(SMALL) | st.sampled_from(LARGE)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (92.0, "92"),
        (-3.0, "−3"),
        (12345.0, "12345"),
        (0.876, "0.88"),
        (-0.2, "−0.20"),
        (0.01, "0.01"),
        (0.00994, "1·10⁻²"),
        (0.004, "4·10⁻³"),
        (-1.1e-40, "−1·10⁻⁴⁰"),
        (5e-324, "5·10⁻³²⁴"),
        (99.994, "99.99"),
        (99.996, "100.0"),
        (123.45, "123.5"),
        (1234.56, "1235"),
        (1e5, "1·10⁵"),
        (123456.0, "1·10⁵"),
        (1.7e308, "2·10³⁰⁸"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "NaN"),
    ],
)
def test_short(value: float, text: str) -> None:
    assert numbers.short(value) == text


def test_a_gate_is_never_exactly_one_or_minus_nothing() -> None:
    assert numbers.short(1.0, rounds=True) == "1.00"
    assert numbers.short(-1.0, rounds=True) == "−1.00"
    assert numbers.short(0.0, rounds=True) == "0.00"
    assert numbers.short(-0.0, rounds=True) == "0.00"


@settings(max_examples=300, deadline=None)
@given(DOUBLES, st.booleans())
def test_short_is_short_and_near(value: float, rounds: bool) -> None:
    text = numbers.short(value, rounds)
    assert len(text.partition("·10")[0].lstrip("−")) <= 6
    if abs(value) >= 1e308:
        return  # the one digit that is shown may be beyond the largest double
    read = readings(text)[0]
    assert read is not None
    if 0 < abs(value) < 0.00995 or abs(value) >= 1e5:
        assert math.isclose(read, value, rel_tol=0.5)
    else:
        assert abs(read - value) <= max(0.005, 0.0006 * abs(value)) * (1 + 1e-9)
    assert (read > 0) == (value > 0)


@settings(max_examples=500, deadline=None)
@given(DOUBLES)
def test_every_digit_is_read_back_as_this_double_and_no_other(value: float) -> None:
    for write in (numbers.exact, numbers.typed, numbers.copied):
        text = write(value)
        assert np.float64(readings(text)[0]).tobytes() == np.float64(value).tobytes(), text
        if abs(value) <= 1e100:
            assert np.float64(parse_number(text)).tobytes() == np.float64(value).tobytes(), text
    assert "e" not in numbers.exact(value) + numbers.typed(value) + numbers.in_full(value)
    assert float(numbers.copied(value)) == value


def test_what_is_no_finite_number_is_named() -> None:
    infinities = math.nan, math.inf, -math.inf
    assert [numbers.exact(value) for value in infinities] == ["NaN", "∞", "−∞"]
    assert [numbers.typed(value) for value in infinities] == ["NaN", "∞", "-∞"]
    assert [numbers.copied(value) for value in infinities] == ["nan", "inf", "-inf"]


@pytest.mark.parametrize(
    ("value", "exact", "typed", "copied", "in_full"),
    [
        (3.0, "3", "3", "3.0", "3"),
        (0.1, "0.1", "0.1", "0.1", "0.1"),
        (-0.0, "−0", "-0", "-0.0", "−0"),
        (-0.25, "−0.25", "-0.25", "-0.25", "−0.25"),
        (1e-4, "0.0001", "0.0001", "0.0001", "0.0001"),
        (1e-5, "1·10⁻⁵", "1·10⁻⁵", "1e-05", "10⁻⁵"),
        (-1e-5, "−1·10⁻⁵", "-1·10⁻⁵", "-1e-05", "−10⁻⁵"),
        (1.1e-5, "1.1·10⁻⁵", "1.1·10⁻⁵", "1.1e-05", "1.1·10⁻⁵"),
        (-12345.5, "−12345.5", "-12345.5", "-12345.5", "−12,345.5"),
        (0.0625, "0.0625", "0.0625", "0.0625", "0.0625"),
        (250000.0, "250000", "250000", "250000.0", "250,000"),
        (1e15, "1·10¹⁵", "1·10¹⁵", "1000000000000000.0", "10¹⁵"),
        (
            123456789012345680000.0,
            *["1.2345678901234568·10²⁰"] * 2,
            "1.2345678901234568e+20",
            "1.2345678901234568·10²⁰",
        ),
        (5e-324, "5·10⁻³²⁴", "5·10⁻³²⁴", "5e-324", "5·10⁻³²⁴"),
    ],
)
def test_every_digit_for_readers_fields_and_programs(
    value: float, exact: str, typed: str, copied: str, in_full: str
) -> None:
    written = numbers.exact(value), numbers.typed(value), numbers.copied(value), numbers.in_full(value)
    assert written == (exact, typed, copied, in_full)


def test_whole_numbers_of_any_length_in_a_sentence() -> None:
    assert numbers.in_full(1234567890123456789) == "1,234,567,890,123,456,789"
    assert numbers.in_full(-3000) == "−3,000"


@settings(max_examples=300, deadline=None)
@given(st.floats(width=32))
def test_exact_single_is_this_float32_and_has_no_digit_beyond_it(value: float) -> None:
    text = numbers.exact_single(value)
    if math.isfinite(value):
        assert np.float32(readings(text)[0]).tobytes() == np.float32(value).tobytes()
        assert len(text.replace(".", "").lstrip("−0").partition("·")[0]) <= 9 or text.endswith("0")
    else:
        assert text == numbers.exact(value)


def test_on_the_screen_and_in_a_formula() -> None:
    assert numbers.short(-0.2) == "−0.20"
    assert numbers.short(4e-3) == "4·10⁻³"
    assert numbers.subscript(120) == "₁₂₀"
    assert numbers.written(4e-3) == "4·10⁻³"
    assert numbers.written(-2e12) == "−2·10¹²"
    assert numbers.written(-math.inf) == "−∞"
    assert numbers.written(1.0, True, 1.1e-40) == "1 − 1.1·10⁻⁴⁰"
    assert numbers.written(1.0, True, 0.0) == "1.00"  # smaller than any double
    assert numbers.written(0.9, True, 0.1) == "0.90"


def test_a_column_has_one_precision():
    assert numbers.column([1, 2, 3]) == ["1", "2", "3"]
    assert numbers.column([1, -0.5, 0.1]) == ["1.00", "−0.50", "0.10"]
    assert numbers.column([0, 1], rounds=True) == ["0.00", "1.00"]
    assert numbers.column([0.5, 0], style=numbers.Style.LONG) == ["0.5000", "0.0000"]
    assert numbers.column([92.0, 0], style=numbers.Style.SCIENTIFIC) == ["9.20·10¹", "0"]


def test_no_number_of_a_column_is_shown_as_zero_that_is_not():
    assert numbers.column([0.5, 1.2e-4, -3e-9]) == ["0.50", "1.2·10⁻⁴", "−3.0·10⁻⁹"]
    assert numbers.column([123_456, 1]) == ["1.2·10⁵", "1"]
    assert numbers.column([math.nan, math.inf, -math.inf, 1]) == ["NaN", "∞", "−∞", "1"]


def test_what_does_not_fit_has_fewer_digits():
    def fits(text: str) -> bool:
        return len(text) <= 6

    assert numbers.column([1.2e-4, -1234.56, 10000.6, 0.5], fits=fits) == ["1·10⁻⁴", "−1235", "10001", "0.50"]
    assert numbers.column([123.456, -0.1], fits=fits) == ["123.46", "−0.10"]
    assert numbers.column([-99.999], style=numbers.Style.LONG, fits=fits) == ["−100.0"]


@given(st.lists(st.sampled_from([0.0, 1.0, -3.0, 0.5, 2e5, 2.5e5 + 0.5, math.inf]), min_size=1, max_size=6))
def test_a_matrix_has_the_precision_of_its_columns(entries: list[float]):
    matrix = np.array(entries)[:, None]
    (whole,) = numbers.whole_columns(matrix)
    assert numbers.digits_of(bool(whole)) == numbers.decimals(entries)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0 %"),
        (1.0, "100.0 %"),
        (0.1578, "15.8 %"),
        (0.9997, "99.97 %"),
        (1 - 1e-9, "99.999 %"),
        (1e-9, "0.001 %"),
    ],
)
def test_a_share_is_not_rounded_to_all_or_nothing(value: float, text: str) -> None:
    assert numbers.share(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        *((0.0, "0 %"), (1.0, "100 %"), (0.38, "38 %"), (0.991, "99 %"), (0.9995, "99.95 %")),
        *((1 - 1e-7, "99.999 %"), (1e-7, "0.001 %"), (-0.25, "−25 %"), (math.nan, "nan %")),
    ],
)
def test_percent_is_not_rounded_to_all_or_nothing(share: float, text: str) -> None:
    assert numbers.percent(share) == text


def test_a_number_that_no_float_can_hold_is_known() -> None:
    assert all(map(numbers.is_real, (0, -3, 1.5, math.inf, int(8e307))))
    assert not any(map(numbers.is_real, (2**1024, -(10**400), "1", None)))
