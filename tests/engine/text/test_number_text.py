import pytest

from engine.text.number_text import Decimal, NumberTextError, decimals_of, parse_number, read_as, readings
from engine.text.numbers import written


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.234", 1.234),
        ("0,5", 0.5),
        (",5", 0.5),
        ("0,123", 0.123),
        ("-0,123", -0.123),
        ("1234,567", 1234.567),
        ("1,2345", 1.2345),
        ("1,007.28", 1007.28),
        ("1.007,28", 1007.28),
        ("1,234,567", 1234567),
        ("1.234.567", 1234567),
        ("1.234,5", 1234.5),
        ("1\N{NO-BREAK SPACE}234", 1234),
        ("1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567,25", 1234567.25),
        ("12\N{THIN SPACE}345.5", 12345.5),
        ("1’234.5", 1234.5),
        ("1e5", 100_000),
        ("1E-7", 1e-7),
        (" −1,5e-3 ", -1.5e-3),
        ("1,234E+05", 123_400),
        ("1e100", 1e100),
        ("4·10⁻³", 0.004),
        ("10⁻⁵", 0.00001),
        ("−10^3", -1000.0),
        ("−9,20·10¹", -92),
        ("2 × 10^-3", 0.002),
        ("2*10**3", 2000),
    ],
)
def test_a_number(text: str, number: float) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize("number", [4e-3, -92.0, 2e-12, 3e20, 0.88, -4.0])
def test_a_number_as_the_program_writes_it(number: float) -> None:
    assert parse_number(written(number)) == number


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,234", "“1,234” can mean 1234 or 1.234; type it without the comma, or with a decimal point"),
        ("-12,500", "“-12,500” can mean −12500 or −12.5"),
        ("999,000", "can mean 999000 or 999"),
        (" ", "the cell is empty; type a number such as"),
        ("1,2,3", "“1,2,3” is not a number"),
        ("1.2.3", "“1.2.3” is not a number"),
        ("1,234,56", "is not a number"),
        ("1 234", "is not a number"),
        ("-", "“-” is not a number"),
        ("4·105", "is not a number"),
        ("5,", "is not a number"),
        ("0x10", "is not a number"),
        ("1_000", "is not a number"),
        ("--1", "is not a number"),
        ("inf", "is not a finite number"),
        ("-∞", "is not a finite number"),
        ("1e999", "“1e999” is not a finite number"),
        ("9" * 400, "is not a"),
        ("1e101", "10¹⁰¹ is too large; type a number between −10¹⁰⁰ and 10¹⁰⁰"),
        ("x" * 50_000, "is not a number"),
    ],
)
def test_what_is_no_number_or_two_gets_one_sentence(text: str, reason: str) -> None:
    with pytest.raises(NumberTextError) as caught:
        parse_number(text)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_text_and_its_two_readings() -> None:
    assert readings("1,020") == (1020, 1.02)
    assert readings("1.020") == (1.02, 1020)
    assert readings("950") == (950, 950)
    assert readings("0,5") == (None, 0.5)
    assert readings("0.5") == (0.5, None)
    assert readings("NA") == (None, None)


@pytest.mark.parametrize(
    ("texts", "decimals"),
    [
        (["950", "1,020", "1,234"], (Decimal.POINT, Decimal.COMMA)),
        (["950", "1,020", "0,5"], (Decimal.COMMA,)),
        (["950", "1,020", "1,007.28"], (Decimal.POINT,)),
        (["950", "1.020"], (Decimal.POINT,)),
        (["950", "1.020", "1.234,5"], (Decimal.COMMA,)),
        (["0,5", "0.5"], (Decimal.POINT,)),
        (["0,5", "0.5", "1,020"], (Decimal.POINT, Decimal.COMMA)),
        (["NA", "", "7"], (Decimal.POINT,)),
    ],
)
def test_texts_that_belong_together_are_judged_together(texts: list[str], decimals: tuple[Decimal, ...]) -> None:
    assert decimals_of(texts) == decimals


def test_dots_may_be_thousands_where_commas_are_decimals() -> None:
    assert decimals_of(["950", "1.020"], dots_may_separate=True) == (Decimal.COMMA, Decimal.POINT)
    assert decimals_of(["0.5", "1.020"], dots_may_separate=True) == (Decimal.POINT,)


def test_a_number_of_the_other_sign_is_still_a_number() -> None:
    assert read_as("0,5", Decimal.POINT) == 0.5
    assert read_as("1,020", Decimal.POINT) == 1020
    assert read_as("1,020", Decimal.COMMA) == 1.02
