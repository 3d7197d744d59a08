"""Tables as people have them, each with its right reading: tests/data/tables/expected.toml."""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.tables.answers import Answers, DataError, OpenQuestion
from engine.tables.reading import read_table
from engine.tables.table import Table

FOLDER = Path("tests/data/tables")
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "expected.toml").read_text("utf-8"))
READ = {name: wanted for name, wanted in EXPECTED.items() if "names" in wanted}


def padded(table: Table, row: tuple[str, ...]) -> list[str]:
    return [*row, *[""] * len(table.names)][: len(table.names)]


def in_file_order(table: Table, index: int) -> np.ndarray[Any, Any]:
    return table.values[index][np.argsort(table.lines, kind="stable")]


def moment(text: str) -> float:
    return float(np.datetime64(text).astype("datetime64[s]").astype(np.int64))


def test_every_file_has_its_reading() -> None:
    files = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.*") if path.is_file()}
    assert files - {"expected.toml", ".gitattributes"} == set(EXPECTED)


@pytest.mark.parametrize("name", READ)
def test_structure(name: str) -> None:
    table, wanted = read_table(FOLDER / name), READ[name]
    assert table.encoding == wanted["encoding"]
    assert table.delimiter == wanted["delimiter"]
    assert table.header_line == wanted["header_line"]
    assert list(table.skipped) == wanted["skipped"]
    assert list(table.names) == wanted["names"]
    assert table.count == wanted["rows"]
    assert padded(table, table.preview[0][1]) == wanted["first"]
    assert padded(table, table.preview[-1][1]) == wanted["last"]
    assert [table.preview[0][0], table.preview[-1][0]] == wanted["lines"]


@pytest.mark.parametrize("name", [name for name in READ if "numbers" in READ[name]])
def test_numbers(name: str) -> None:
    wanted = READ[name]
    table = read_table(FOLDER / name)
    index = table.find(wanted["column"])
    flaw = wanted.get("flaw")
    if flaw is not None:
        found = table.flaws[index]
        assert found is not None
        assert found.line == flaw["line"]
        assert (repr(flaw["cell"]) if flaw["cell"] else "empty") in found.words
    if wanted["numbers"] != "ask":
        np.testing.assert_array_equal(in_file_order(table, index), wanted["numbers"])
        return
    if flaw is None:
        with pytest.raises(OpenQuestion, match=r"--decimal \w+ for .* or --decimal \w+ for") as asked:
            table.column(index)
        assert asked.value.setting == "data_decimal"
    question = table.columns[index].question
    assert question is not None
    likely, other = (choice.value for choice in question.choices)
    np.testing.assert_array_equal(in_file_order(table, index), wanted["thousands"])
    for decimal, numbers in ((likely, wanted["thousands"]), (other, wanted["decimals"])):
        told = read_table(FOLDER / name, Answers(decimal=decimal))
        assert told.columns[index].question is None
        np.testing.assert_array_equal(in_file_order(told, index), numbers)


@pytest.mark.parametrize("name", [name for name in READ if "candidates" in READ[name]])
def test_what_can_be_forecast(name: str) -> None:
    table = read_table(FOLDER / name)
    assert [table.names[index] for index in table.candidates()] == READ[name]["candidates"]


@pytest.mark.parametrize("name", [name for name in READ if "marks" in READ[name]])
def test_marks_are_pointed_out(name: str) -> None:
    table, wanted = read_table(FOLDER / name), READ[name]
    index = table.find(wanted["column"])
    assert [mark for mark, _, _ in table.columns[index].marks] == wanted["marks"]
    for mark in wanted["marks"]:
        assert any(f"“{wanted['column']}” has {mark:g} in".replace("-", "−") in note for note in table.notes)


@pytest.mark.parametrize("name", [name for name in READ if "positions" in READ[name]])
def test_dates_and_order(name: str) -> None:
    table, wanted = read_table(FOLDER / name), READ[name]["positions"]
    if wanted["first"] == "ask":
        with pytest.raises(OpenQuestion, match='--dates "day first"') as asked:
            table.require_rows()
        assert [choice.value for choice in asked.value.choices] == ["day first", "month first"]
        return
    assert table.positions is not None
    assert table.positions.dated
    assert table.names[table.positions.columns[0]] == wanted["column"]
    assert table.positions.values[[0, -1]].tolist() == [moment(wanted["first"]), moment(wanted["last"])]
    assert len(set(table.positions.values.tolist())) == table.count
    assert table.order == wanted["order"]
    assert any("sorted by date" in note for note in table.notes) == (wanted["order"] != "oldest first")


@pytest.mark.parametrize("name", [name for name in EXPECTED if "refused" in EXPECTED[name]])
def test_what_cannot_be_used_gets_one_sentence(name: str) -> None:
    wanted = EXPECTED[name]

    def used() -> None:
        table = read_table(FOLDER / name)
        table.require_rows()
        table.column(table.find(wanted.get("column", "")))

    with pytest.raises(DataError) as refused:
        used()
    sentence = str(refused.value)
    assert "\n" not in sentence
    assert Path(name).name in sentence
    if "refused_line" in wanted:
        assert f"line {wanted['refused_line']}" in sentence
    assert "choose" in sentence or "correct" in sentence or ";" in sentence
